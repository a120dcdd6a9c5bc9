import Core

/// JSON with a space behind every comma and colon.
enum SpacedJSON {
    static func text(_ value: JSON) -> String {
        switch value {
        case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { JSON.string($0.key).text() + ": " + text($0.value) }.joined(separator: ", ") + "}"
        default: value.text()
        }
    }
}
