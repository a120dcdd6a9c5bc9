import Core
import Wire

extension Shape {
    /// The structure as JSON by its names on the wire: the form in which definitions are kept.
    var json: JSONObject {
        (try? JSON(parsing: JSONCodec.bytes(record)))?.objectValue ?? [:]
    }

    /// Nil when the JSON is not of this shape.
    init?(json: JSON?) {
        guard let json, let record = try? JSONCodec.record(json.bytes(), Self.schema) else { return nil }
        self.init(record: record)
    }
}
