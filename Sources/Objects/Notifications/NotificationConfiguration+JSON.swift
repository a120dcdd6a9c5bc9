import Core

// The document is the JSON form of S3's own structure: `QueueConfigurations`, `TopicConfigurations`,
// `LambdaFunctionConfigurations` and `EventBridgeConfiguration`.
extension NotificationConfiguration {
    /// Most destinations in one configuration.
    public static let maximumDestinations = 100

    /// Reads and checks a configuration.
    ///
    /// - Parameter makeID: names destinations that were given no `Id`.
    /// - Throws: `InvalidArgument` or `MalformedXML`, as S3 words them.
    public init(_ json: JSON, makeID: () -> String) throws(ObjectStoreError) {
        var destinations: [Destination] = []
        for kind in DestinationKind.allCases {
            for each in json[kind.listName]?.arrayValue ?? [] {
                destinations.append(try Self.destination(each, kind, makeID))
            }
        }
        guard destinations.count <= Self.maximumDestinations else {
            throw ObjectStoreError(
                "InvalidArgument", "Too many notification configurations: at most \(Self.maximumDestinations)")
        }
        self.init(destinations: destinations, sendsToEventBridge: json["EventBridgeConfiguration"] != nil)
        try checkOverlaps()
    }

    private static let malformed = ObjectStoreError(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")

    private static func destination(
        _ json: JSON, _ kind: DestinationKind, _ makeID: () -> String
    ) throws(ObjectStoreError) -> Destination {
        guard let text = json[kind.arnName]?.stringValue, let events = json["Events"]?.arrayValue, !events.isEmpty
        else {
            throw malformed
        }
        guard let arn = ARN(text), arn.service == kind.rawValue else {
            throw .invalidArgument("The ARN could not be parsed", kind.argumentName, text)
        }
        var names: [String] = []
        for event in events {
            guard let name = event.stringValue else { throw malformed }
            guard S3EventName.all.contains(name) else {
                throw .invalidArgument("The event '\(name)' is not supported for notifications", "Event", name)
            }
            names.append(name)
        }
        let id = json["Id"]?.stringValue ?? ""
        guard id.utf8.count <= 255 else {
            throw .invalidArgument("The notification configuration ID has at most 255 characters", "Id", id)
        }
        return Destination(
            id: id.isEmpty ? makeID() : id, kind: kind, arn: arn, events: names,
            filter: try filter(json["Filter"]?["Key"]?["FilterRules"]?.arrayValue ?? []))
    }

    private static func filter(_ rules: [JSON]) throws(ObjectStoreError) -> KeyFilter {
        var filter = KeyFilter()
        for rule in rules {
            guard let name = rule["Name"]?.stringValue, let value = rule["Value"]?.stringValue else { throw malformed }
            guard value.utf8.count <= ObjectKey.maximumLength else {
                throw .invalidArgument("filter value has at most 1024 characters", "FilterRule.Value", value)
            }
            switch name.lowercased() {
            case "prefix":
                if filter.prefix != nil { throw repeated("prefix", name) }
                filter.prefix = value
            case "suffix":
                if filter.suffix != nil { throw repeated("suffix", name) }
                filter.suffix = value
            default:
                throw .invalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", name)
            }
        }
        return filter
    }

    private static func repeated(_ kind: String, _ name: String) -> ObjectStoreError {
        .invalidArgument("Cannot specify more than one \(kind) rule in a filter.", "FilterRule.Name", name)
    }

    /// No change may be told to two destinations.
    private func checkOverlaps() throws(ObjectStoreError) {
        var ids: Set<String> = []
        for (position, each) in destinations.enumerated() {
            guard ids.insert(each.id).inserted else {
                throw ObjectStoreError(
                    "InvalidArgument", "Same ID used for multiple configurations. IDs must be unique",
                    details: [("ArgumentName", "Id"), ("ArgumentValue", each.id)])
            }
            for other in destinations[..<position] where each.filter.overlaps(other.filter) {
                let isShared = each.events.contains { event in
                    other.events.contains { S3EventName.overlap(event, $0) }
                }
                guard isShared else { continue }
                throw ObjectStoreError("InvalidArgument", Self.overlapMessage(each.filter, other.filter))
            }
        }
    }

    private static func overlapMessage(_ left: KeyFilter, _ right: KeyFilter) -> String {
        if left == KeyFilter(), right == KeyFilter() {
            return "Configurations overlap. Configurations on the same bucket cannot share a common event type."
        }
        return "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
            + "are overlapping for the same event type."
    }

    /// The document to store and to answer with; rule names are written as S3 writes them.
    public var json: JSON {
        var object = JSONObject()
        for kind in DestinationKind.allCases {
            let list = destinations.filter { $0.kind == kind }
            guard !list.isEmpty else { continue }
            object[kind.listName] = .array(list.map(Self.json))
        }
        if sendsToEventBridge { object["EventBridgeConfiguration"] = [:] }
        return .object(object)
    }

    private static func json(_ destination: Destination) -> JSON {
        var object: JSONObject = [
            "Id": .string(destination.id), destination.kind.arnName: .string(destination.arn.description),
            "Events": .array(destination.events.map { .string($0) }),
        ]
        var rules: [JSON] = []
        if let prefix = destination.filter.prefix { rules.append(["Name": "Prefix", "Value": .string(prefix)]) }
        if let suffix = destination.filter.suffix { rules.append(["Name": "Suffix", "Value": .string(suffix)]) }
        if !rules.isEmpty { object["Filter"] = ["Key": ["FilterRules": .array(rules)]] }
        return .object(object)
    }
}
