public import Core

/// An event to be put on a bus, as `PutEvents` takes it.
public struct EventEntry: Sendable {
    public var source: String
    public var detailType: String
    /// The text of a JSON object.
    public var detail: String
    public var resources: [String]
    /// Nil for the time of the call.
    public var time: Timestamp?
    public var traceHeader: String?

    public init(
        source: String, detailType: String, detail: String, resources: [String] = [], time: Timestamp? = nil,
        traceHeader: String? = nil
    ) {
        self.source = source
        self.detailType = detailType
        self.detail = detail
        self.resources = resources
        self.time = time
        self.traceHeader = traceHeader
    }

    /// The size by which AWS bounds and bills entries: UTF-8 bytes, 14 for a time.
    public var size: Int {
        (time == nil ? 0 : 14) + source.utf8.count + detailType.utf8.count + detail.utf8.count
            + resources.reduce(0) { $0 + $1.utf8.count }
    }

    /// The event as rules and targets see it. The detail is written without white space, as AWS writes it.
    ///
    /// - Parameters:
    ///   - origin: the account and region of the caller.
    ///   - replay: the replay that puts the event once more.
    /// - Throws: the entry's error when the detail is no JSON object.
    func envelope(id: String, origin: Scope, now: Timestamp) throws(EntryError) -> [UInt8] {
        let detailBytes = Array(detail.utf8)
        // One level less than a document may have: the envelope adds its own.
        guard let parsed = try? JSON(parsing: detailBytes, limits: JSONLimits(depth: JSONLimits.standard.depth - 1)),
            case .object = parsed
        else {
            throw EntryError(code: "MalformedDetail", message: "Detail is malformed.")
        }
        var writer = JSONWriter(capacity: detailBytes.count + 384)
        writer.writeRaw("{\"version\":\"0\",\"id\":")
        writer.write(id)
        writer.writeRaw(",\"detail-type\":")
        writer.write(detailType)
        writer.writeRaw(",\"source\":")
        writer.write(source)
        writer.writeRaw(",\"account\":")
        writer.write(origin.account)
        writer.writeRaw(",\"time\":")
        writer.write(CivilTime(time ?? now).iso8601())
        writer.writeRaw(",\"region\":")
        writer.write(origin.region)
        writer.writeRaw(",\"resources\":")
        writer.write(.array(resources.map(JSON.string)))
        writer.writeRaw(",\"detail\":")
        JSONCompaction.write(detailBytes, to: &writer)
        writer.writeRaw("}")
        return writer.finish()
    }
}

/// Why one entry was not taken.
public struct EntryError: Error, Hashable, Sendable {
    public var code: String
    public var message: String
}

extension EventEntry {
    /// What must be there, in the order in which AWS looks.
    public static func missing(source: String?, detailType: String?, detail: String?) -> EntryError? {
        for (name, value) in [("Source", source), ("DetailType", detailType), ("Detail", detail)]
        where value?.isEmpty ?? true {
            return EntryError(
                code: "InvalidArgument",
                message: "Parameter \(name) is not valid. Reason: \(name) is a required argument.")
        }
        return nil
    }
}

/// Copies valid JSON without the white space between its tokens: numbers and strings stay as they were written.
enum JSONCompaction {
    static func write(_ bytes: [UInt8], to writer: inout JSONWriter) {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var isString = false
        var isEscaped = false
        for byte in bytes {
            if isString {
                kept.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
            } else if byte > 0x20 {
                kept.append(byte)
                isString = byte == UInt8(ascii: "\"")
            }
        }
        kept.withUnsafeBytes { writer.writeBytes($0) }
    }
}
