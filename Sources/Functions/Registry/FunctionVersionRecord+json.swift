import Core
import Storage

extension FunctionVersionRecord {
    /// What the row keeps beside its keys.
    var document: JSON {
        var document: JSON = [
            "summary": .string(summary), "role": .string(role), "runtime": .string(runtime),
            "handler": .string(handler), "memory": JSON(memorySizeMB), "timeout": JSON(timeoutSeconds),
            "environment": .object(
                JSONObject(environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "ephemeralStorage": JSON(ephemeralStorageMB), "layers": .array(layers.map(JSON.string)),
            "architectures": .array(architectures.map(JSON.string)),
            "code": [
                "directory": .string(code.directory), "sha256": .string(code.sha256), "size": JSON(code.size),
            ],
            "settings": .object(settings),
        ]
        var log: JSON = ["format": .string(logging.format.rawValue)]
        log["level"] = logging.applicationLevel.map(JSON.string)
        log["group"] = logging.group.map(JSON.string)
        document["logging"] = log
        return document
    }

    init(_ row: Row) throws {
        let document = try StoredJSON(row.text("document"), "functions_versions")
        let code = document["code"]
        let log = document["logging"]
        self.init(
            reference: FunctionVersionReference(
                scope: Scope(account: try row.text("account"), region: try row.text("region")),
                functionName: try row.text("name"), version: try row.text("version")),
            summary: try document.text("summary"), role: try document.text("role"),
            runtime: try document.text("runtime"), handler: try document.text("handler"),
            memorySizeMB: try document.integer("memory"), timeoutSeconds: try document.integer("timeout"),
            environment: document.texts("environment"), ephemeralStorageMB: try document.integer("ephemeralStorage"),
            layers: document.list("layers"),
            logging: LoggingConfiguration(
                format: LoggingConfiguration.Format(rawValue: try log.text("format")) ?? .text,
                applicationLevel: log.value["level"]?.stringValue, group: log.value["group"]?.stringValue),
            architectures: document.list("architectures"),
            code: FunctionCode(
                directory: try code.text("directory"), sha256: try code.text("sha256"), size: try code.integer("size")),
            modifiedAt: try row.time("modified_at"), revisionID: try row.text("revision"),
            settings: document.value["settings"]?.objectValue ?? JSONObject())
    }
}

/// A JSON document from a row, whose members must be there.
struct StoredJSON {
    var value: JSON
    private var place: String

    init(_ text: String, _ place: String) throws {
        self.place = place
        value = try JSON(parsing: text)
    }

    private init(value: JSON, place: String) {
        self.value = value
        self.place = place
    }

    subscript(_ name: String) -> StoredJSON { StoredJSON(value: value[name] ?? .null, place: "\(place).\(name)") }

    func text(_ name: String) throws -> String {
        guard let text = value[name]?.stringValue else { throw missing(name) }
        return text
    }

    func integer(_ name: String) throws -> Int {
        guard let number = value[name]?.intValue, let integer = Int(exactly: number) else { throw missing(name) }
        return integer
    }

    func list(_ name: String) -> [String] { value[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    func texts(_ name: String) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, text) in value[name]?.objectValue ?? JSONObject() { texts[key] = text.stringValue }
        return texts
    }

    private func missing(_ name: String) -> FunctionError {
        FunctionError(.host, "the database's document \(place) has no valid \"\(name)\"")
    }
}
