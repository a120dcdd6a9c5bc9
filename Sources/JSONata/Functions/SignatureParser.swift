import Core

/// Reads the text of a signature.
struct SignatureParser {
    private let symbols: [Character]
    private let position: Int
    private var index = 1
    private var parameters: [Signature.Parameter] = []
    private var lastSymbol: Character = " "

    init(_ text: String, position: Int) {
        symbols = Array(text)
        self.position = position
    }

    mutating func parse() throws(JSONataError) -> [Signature.Parameter] {
        while index < symbols.count, symbols[index] != ":" {
            try parseSymbol()
            index += 1
        }
        return parameters
    }

    private mutating func parseSymbol() throws(JSONataError) {
        let symbol = symbols[index]
        switch symbol {
        case "s", "n", "b", "l", "o": add(symbol, [Self.types(of: symbol), .missing])
        case "a":
            add(symbol, .any)
            parameters[parameters.count - 1].isArray = true
        case "f": add(symbol, .function)
        case "j": add(symbol, .json)
        case "x": add(symbol, .any)
        case "(": try parseChoice()
        case "<": try parseElementType()
        case "-":
            change {
                $0.isOptional = true
                $0.usesContext = true
            }
        case "?": change { $0.isOptional = true }
        case "+": change { $0.isRepeated = true }
        default: break
        }
    }

    private mutating func add(_ symbol: Character, _ types: Signature.TypeSet) {
        parameters.append(Signature.Parameter(types: types))
        lastSymbol = symbol
    }

    private mutating func change(_ body: (inout Signature.Parameter) -> Void) {
        guard !parameters.isEmpty else { return }
        body(&parameters[parameters.count - 1])
    }

    private static func types(of symbol: Character) -> Signature.TypeSet {
        switch symbol {
        case "s": .string
        case "n": .number
        case "b": .boolean
        case "l": .null
        case "a": .array
        case "o": .object
        case "f": .function
        case "m": .missing
        default: []
        }
    }

    private mutating func parseChoice() throws(JSONataError) {
        let start = index
        index = closing("(", ")")
        let choice = symbols[min(start + 1, symbols.count)..<min(max(index, start + 1), symbols.count)]
        guard !choice.contains("<") else {
            throw JSONataError(code: "S0402", position: position + start, value: .string(String(choice)))
        }
        add("(", choice.reduce(into: .missing) { $0.formUnion(Self.types(of: $1)) })
    }

    private mutating func parseElementType() throws(JSONataError) {
        guard lastSymbol == "a" || lastSymbol == "f" else {
            throw JSONataError(code: "S0401", position: position + index, value: .string(String(lastSymbol)))
        }
        let start = index
        index = closing("<", ">")
        guard lastSymbol == "a", start + 1 < symbols.count else { return }
        let symbol = symbols[start + 1]
        change {
            $0.element = Self.types(of: symbol)
            $0.elementSymbol = symbol
        }
    }

    /// Where the bracket at the index is closed.
    private func closing(_ open: Character, _ close: Character) -> Int {
        var depth = 1
        var end = index + 1
        while end < symbols.count {
            if symbols[end] == close { depth -= 1 }
            if symbols[end] == open { depth += 1 }
            if depth == 0 { return end }
            end += 1
        }
        return end
    }
}
