import Core

/// What a rule's target is sent: the event, a constant, a part of the event or a filled template.
enum TargetInput: Sendable {
    case event
    case constant([UInt8])
    case path(InputPath)
    case template(InputTemplate)

    /// - Parameter target: a target by AWS's member names.
    init(_ target: JSONObject) throws(BusError) {
        let id = target["Id"]?.stringValue ?? ""
        let given = ["Input", "InputPath", "InputTransformer"].filter { target[$0] != nil }
        guard given.count <= 1 else {
            throw BusError(
                .invalid, "Only one of Input, InputPath, or InputTransformer must be provided for target \(id).")
        }
        if let text = target["Input"]?.stringValue {
            guard (try? JSON(parsing: text)) != nil else {
                throw BusError(.invalid, "JSON syntax error in input for target \(id).")
            }
            self = .constant(Array(text.utf8))
        } else if let text = target["InputPath"]?.stringValue {
            guard let path = InputPath(text) else {
                throw BusError(.invalid, "InputPath for target \(id) is invalid.")
            }
            self = path.steps.isEmpty ? .event : .path(path)
        } else if let transformer = target["InputTransformer"] {
            self = .template(try Self.template(transformer, id))
        } else {
            self = .event
        }
    }

    private static func template(_ transformer: JSON, _ id: String) throws(BusError) -> InputTemplate {
        var paths: [String: InputPath] = [:]
        for (name, value) in transformer["InputPathsMap"]?.objectValue ?? [:] {
            guard let path = value.stringValue.flatMap(InputPath.init) else {
                throw BusError(.invalid, "InputPath for target \(id) is invalid.")
            }
            paths[name] = path
        }
        do {
            return try InputTemplate(transformer["InputTemplate"]?.stringValue ?? "", paths: paths)
        } catch {
            throw BusError(.invalid, "InputTemplate for target \(id) contains invalid placeholder \(error.name).")
        }
    }

    /// Nil when nothing is to be sent.
    func payload(_ event: MatchedEvent, _ rule: RuleKey) -> [UInt8]? {
        switch self {
        case .event: event.bytes
        case .constant(let bytes): bytes
        case .path(let path): path.value(in: event.json)?.bytes() ?? Array("null".utf8)
        case .template(let template): template.fill(event.json, rule, ingestedAt: event.ingestedAt)
        }
    }
}

/// An event on its way through the rules; parsed only when a target needs a part of it.
final class MatchedEvent {
    let bytes: [UInt8]
    let id: String
    let ingestedAt: Timestamp
    private(set) lazy var json: JSON = (try? JSON(parsing: bytes)) ?? .null

    init(_ bytes: [UInt8], id: String, ingestedAt: Timestamp) {
        self.bytes = bytes
        self.id = id
        self.ingestedAt = ingestedAt
    }
}
