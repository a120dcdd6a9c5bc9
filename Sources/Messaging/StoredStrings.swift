import Core

/// Maps of strings as they are kept in one column.
enum StoredStrings {
    static func text(_ strings: [String: String]) -> String {
        JSON.object(JSONObject(strings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).text()
    }

    static func map(_ text: String) -> [String: String] {
        guard let object = (try? JSON(parsing: text))?.objectValue else { return [:] }
        return Dictionary(object.map { ($0.key, $0.value.stringValue ?? "") }) { $1 }
    }
}
