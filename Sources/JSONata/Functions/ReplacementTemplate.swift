import Core

/// The text that takes the place of a match, in which `$0`, `$1` … stand for what the groups matched and `$$` for a
/// dollar sign.
///
/// As many digits belong to a number as the count of groups has, one less if there is no such group.
struct ReplacementTemplate {
    private enum Piece {
        case text([UInt8])
        case wholeMatch
        /// The digits that follow a dollar sign, which the count of groups divides into number and text.
        case group(digits: [UInt8])
    }

    private var pieces: [Piece] = []

    init(_ template: String) {
        let bytes = Array(template.utf8)
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            let next = index < bytes.count ? bytes[index] : 0
            guard byte == UInt8(ascii: "$"), next == byte || isDigit(next) else {
                text.append(byte)
                continue
            }
            if next == byte {
                text.append(byte)
                index += 1
                continue
            }
            if !text.isEmpty { pieces.append(.text(text)) }
            text = []
            if next == UInt8(ascii: "0") {
                pieces.append(.wholeMatch)
                index += 1
            } else {
                let digits = Array(bytes[index...].prefix { isDigit($0) })
                pieces.append(.group(digits: digits))
                index += digits.count
            }
        }
        if !text.isEmpty { pieces.append(.text(text)) }
    }

    /// Which group the digits mean, and how many of them.
    private static func group(_ digits: [UInt8], groupCount: Int) -> (number: Int, digits: Int) {
        let most = groupCount < 10 ? 1 : String(groupCount).utf8.count
        var number = 0
        var taken = 0
        for digit in digits.prefix(most) {
            let next = number * 10 + Int(digit - 48)
            if taken > 0, next > groupCount { break }
            number = next
            taken += 1
        }
        return (number, taken)
    }

    func expand(_ match: Regex.Match, in subject: RegexSubject, into result: inout [UInt8]) {
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .wholeMatch: subject.append(match.range, to: &result)
            case .group(let digits):
                let (number, taken) = Self.group(digits, groupCount: match.groups.count)
                if number >= 1, number <= match.groups.count, let group = match.groups[number - 1] {
                    subject.append(group, to: &result)
                }
                result += digits[taken...]
            }
        }
    }

    /// The same for a match that a function of the expression has made up.
    func expand(_ match: Matches.Match) -> String {
        var result: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .wholeMatch: result += match.text.utf8
            case .group(let digits):
                let (number, taken) = Self.group(digits, groupCount: match.groups.count)
                if number >= 1, number <= match.groups.count, case .string(let group) = match.groups[number - 1] {
                    result += group.utf8
                }
                result += digits[taken...]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
