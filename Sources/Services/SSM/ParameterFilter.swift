import AWSModels
import Wire

/// A filter of lists of parameters: one of its values has to match.
struct ParameterFilter: Sendable {
    var key: String
    private var option: String
    var values: [String]

    private static let keys: Set<String> = ["Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"]

    init(_ shape: SSM.ParameterStringFilter) throws(AWSError) {
        guard Self.keys.contains(shape.key) || shape.key.hasPrefix("tag:") else {
            throw SSM.Errors.invalidFilterKey(
                "The following filter key is not valid: \(shape.key). Valid filter keys include: "
                    + "[Path, Name, Type, KeyId, Tier, DataType, Label, tag:].")
        }
        key = shape.key
        values = shape.values ?? []
        option = shape.option ?? (key == "Path" ? "OneLevel" : "Equals")
        let allowed =
            switch key {
            case "Path": ["Recursive", "OneLevel"]
            case "Name": ["Equals", "BeginsWith", "Contains"]
            case "Type", "KeyId": ["Equals", "BeginsWith"]
            default: ["Equals"]
            }
        guard allowed.contains(option) else {
            throw SSM.Errors.invalidFilterOption(
                "The following filter option is not valid: \(option). Valid options include: "
                    + "[\(allowed.joined(separator: ", "))].")
        }
        guard !values.isEmpty || key.hasPrefix("tag:") else {
            throw SSM.Errors.invalidFilterValue("The filter \(key) needs values.")
        }
    }

    init(_ shape: SSM.ParametersFilter) {
        key = shape.key.rawValue
        values = shape.values
        option = key == "Name" ? "BeginsWith" : "Equals"
    }

    init(path: String, option: String) {
        (key, values, self.option) = ("Path", [path], option)
    }

    var isOfTags: Bool { key.hasPrefix("tag:") }

    func matches(_ parameter: StoredParameter, _ tags: [(name: String, value: String)]) -> Bool {
        switch key {
        case "Name":
            values.contains { holds(Self.rooted(parameter.name), Self.rooted($0)) || holds(parameter.name, $0) }
        case "Type": values.contains { holds(parameter.type, $0) }
        case "KeyId": values.contains { holds(parameter.keyID ?? "", $0) }
        case "Tier": values.contains(parameter.tier)
        case "DataType": values.contains(parameter.dataType)
        case "Label": parameter.labels.contains(where: values.contains)
        case "Path": values.contains { isBelow(parameter.name, $0) }
        default:
            tags.contains { $0.name == key.dropFirst(4) && (values.isEmpty || values.contains($0.value)) }
        }
    }

    private static func rooted(_ name: String) -> String { name.hasPrefix("/") ? name : "/" + name }

    private func holds(_ text: String, _ value: String) -> Bool {
        switch option {
        case "BeginsWith": text.hasPrefix(value)
        case "Contains": text.contains(value)
        default: text == value
        }
    }

    private func isBelow(_ name: String, _ path: String) -> Bool {
        let start = path.hasSuffix("/") ? path : path + "/"
        // At the root are also the names without a slash.
        let full = start == "/" ? Self.rooted(name) : name
        guard full.hasPrefix(start) else { return false }
        return option == "Recursive" || !full.dropFirst(start.count).contains("/")
    }
}
