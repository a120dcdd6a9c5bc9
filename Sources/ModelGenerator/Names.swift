/// Names of the models as Swift writes them.
enum Names {
    /// `FunctionName` → `functionName`, `KMSKeyArn` → `kmsKeyArn`, `ACL` → `acl`.
    static func lowerCamel(_ name: String) -> String {
        let parts = words(name)
        guard let first = parts.first else { return "_" }
        var result = first.lowercased()
        for part in parts.dropFirst() { result += part.prefix(1).uppercased() + part.dropFirst() }
        if let digit = result.first, digit.isNumber { result = "_" + result }
        return keywords.contains(result) ? "`\(result)`" : result
    }

    /// A type's name; those that would hide a type of the generated code get `Shape` behind them.
    static func type(_ name: String) -> String {
        let upper = name.prefix(1).uppercased() + name.dropFirst()
        return reserved.contains(upper) ? upper + "Shape" : upper
    }

    /// The names of an enumeration's constants, made unique by a number.
    static func cases(_ values: [String]) -> [(name: String, value: String)] {
        var seen: Set<String> = []
        return values.map { value in
            // Values in capitals are one word each: CREATE_FAILED is createFailed.
            let isShouting = !value.contains { $0.isLowercase }
            var name = lowerCamel(isShouting ? value.lowercased() : value)
            var number = 2
            while !seen.insert(name).inserted {
                name = "\(lowerCamel(isShouting ? value.lowercased() : value))\(number)"
                number += 1
            }
            return (name, value)
        }
    }

    private static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        let characters = Array(name)
        for (index, character) in characters.enumerated() {
            guard character.isLetter || character.isNumber else {
                if character == ".", word.last?.isNumber == true, index + 1 < characters.count,
                    characters[index + 1].isNumber
                {
                    word.append("_")
                    continue
                }
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            let afterSmall = word.last.map { !$0.isUppercase } ?? false
            let beforeSmall = index + 1 < characters.count && characters[index + 1].isLowercase
            if character.isUppercase, !word.isEmpty, afterSmall || beforeSmall {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static let keywords: Set<String> = [
        "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
        "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import",
        "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
        "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch", "throw",
        "throws", "true", "try", "typealias", "var", "where", "while",
    ]

    private static let reserved: Set<String> = [
        "String", "Int", "Double", "Bool", "Timestamp", "Blob", "ByteStream", "TypedEventStream", "Record", "Shape",
        "ShapeSchema", "EnumShape", "JSON", "AWSService", "AWSError", "Operation", "Operations", "Errors", "API",
        "RequestContext", "ServiceModel", "Unit", "Type", "Protocol", "Self", "Any",
    ]
}
