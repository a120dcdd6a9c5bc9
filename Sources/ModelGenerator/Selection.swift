import Core

/// An entry of `services.json`: a service and the operations of it that the program has.
struct Selection {
    /// botocore's name.
    var service: String
    /// The namespace in Swift.
    var name: String
    /// The protocols in which it answers; the model's own when left out.
    var protocols: [String]?
    /// The code of errors for values that break the model; nil when the service checks them itself.
    var validationCode: String?
    /// Those errors do not repeat the values.
    var hidesValues: Bool
    var writesMilliseconds: Bool
    /// Errors of the XML protocol stand without an enclosing element.
    var hasBareErrors: Bool
    /// The program does not have the service: only what the operations answer is wanted, as data.
    var isAnswersOnly: Bool
    /// Sorted; nil means all.
    var operations: [String]?

    static func list(_ json: JSON) throws -> [Selection] {
        guard let entries = json.arrayValue else { throw Problem("services.json must hold an array") }
        return try entries.map(Selection.init)
    }

    init(_ json: JSON) throws {
        guard let service = json["service"]?.stringValue, let name = json["name"]?.stringValue else {
            throw Problem("an entry of services.json needs 'service' and 'name': \(json)")
        }
        self.service = service
        self.name = name
        protocols = json["protocols"]?.arrayValue?.compactMap(\.stringValue)
        validationCode = json["validationCode"]?.stringValue
        writesMilliseconds = json["milliseconds"]?.boolValue ?? false
        hidesValues = json["hidesValues"]?.boolValue ?? false
        hasBareErrors = json["bareErrors"]?.boolValue ?? false
        isAnswersOnly = json["answersOnly"]?.boolValue ?? false
        operations = json["operations"]?.arrayValue?.compactMap(\.stringValue).sorted()
    }
}
