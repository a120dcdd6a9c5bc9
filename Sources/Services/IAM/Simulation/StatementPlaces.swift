/// Where the statements of a policy stand in its text: behind the bracket that opens each, and behind the one that
/// closes it.
struct StatementPlaces {
    struct Place: Hashable, Sendable {
        var line: Int
        var column: Int
    }

    private(set) var all: [(start: Place, end: Place)] = []

    /// - Parameter text: a policy that has been parsed.
    init(in text: String) {
        var place = Place(line: 1, column: 1)
        var starts: [Place] = []
        // The objects and arrays that are open, the member that was named last in the outermost, and that name so far.
        var depth = 0
        var (member, string) = ("", "")
        var (isString, isEscaped) = (false, false)
        var statementDepth: Int?
        for character in text.unicodeScalars {
            place.column += 1
            if character == "\n" { place = Place(line: place.line + 1, column: 1) }
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isString = false
                } else {
                    string.unicodeScalars.append(character)
                }
                continue
            }
            switch character {
            case "\"": (isString, string) = (true, "")
            case ":": if depth == 1 { member = string }
            case "{", "[":
                depth += 1
                if depth == 2, member == "Statement" { statementDepth = character == "{" ? 2 : 3 }
                if character == "{", depth == statementDepth { starts.append(place) }
            case "}", "]":
                if character == "}", depth == statementDepth, let start = starts.popLast() {
                    all.append((start, place))
                }
                depth -= 1
                if depth == 1 { statementDepth = nil }
            default: break
            }
        }
    }
}
