import Core

/// Members that travel outside the body: in the path, the query, the header or as the status.
enum HTTPBindings {
    // MARK: Reading a request

    static func readRequest(
        _ request: WireRequest, _ operation: OperationSchema, into record: inout Record
    ) throws(AWSError) {
        let labels = operation.uri.labels(in: request.path)
        var pairs: [(name: String, value: String)]?
        for member in record.schema.bindings {
            switch member.location {
            case .body, .statusCode: continue
            case .label:
                guard let encoded = labels.first(where: { $0.name == member.wireName })?.text else { continue }
                guard let text = PercentCoding.decode(encoded) else {
                    throw .serialization("the path is not valid percent-encoding")
                }
                record.values[member.index] = try scalar(text, member, .iso8601)
            case .query:
                if pairs == nil {
                    guard let read = PercentCoding.pairs(request.query) else {
                        throw .serialization("the query is not valid percent-encoding")
                    }
                    pairs = read
                }
                record.values[member.index] = try query(pairs ?? [], member, operation)
            case .header, .prefixHeaders: record.values[member.index] = try header(request.headers, member)
            }
        }
    }

    private static func query(
        _ pairs: [(name: String, value: String)], _ member: MemberSchema, _ operation: OperationSchema
    ) throws(AWSError) -> Value {
        let shape = member.target
        switch shape.kind {
        case .list:
            var values: [Value] = []
            for (name, value) in pairs where name == member.wireName {
                values.append(try scalar(value, shape.element, .iso8601))
            }
            return values.isEmpty ? .absent : .list(values)
        case .map: return try queryMap(pairs, shape, operation)
        default:
            guard let found = pairs.first(where: { $0.name == member.wireName }) else { return .absent }
            // A number that is left empty is left out.
            if found.value.isEmpty, shape.kind == .integer || shape.kind == .long { return .absent }
            return try scalar(found.value, member, .iso8601)
        }
    }

    /// A map takes every parameter that no other member names.
    private static func queryMap(
        _ pairs: [(name: String, value: String)], _ shape: ShapeSchema, _ operation: OperationSchema
    ) throws(AWSError) -> Value {
        let taken = operation.input.members.filter { $0.location == .query && $0.target.kind != .map }.map(\.wireName)
        var entries: [MapEntry] = []
        for (name, value) in pairs where !taken.contains(name) {
            let values = Value.list([.string(value)])
            if let index = entries.firstIndex(where: { $0.key == name }) {
                if case .list(let earlier) = entries[index].value {
                    entries[index].value = .list(earlier + [.string(value)])
                }
            } else {
                entries.append(MapEntry(key: name, value: shape.value.target.kind == .list ? values : .string(value)))
            }
        }
        return entries.isEmpty ? .absent : .map(entries)
    }

    private static func header(_ fields: HTTPFields, _ member: MemberSchema) throws(AWSError) -> Value {
        if member.location == .prefixHeaders {
            let prefix = member.wireName
            var entries: [MapEntry] = []
            for (name, value) in fields.all where name.hasPrefixIgnoringCase(prefix) {
                let key = String(name.dropFirst(prefix.count))
                if let index = entries.firstIndex(where: { $0.key.equalsIgnoringCase(key) }) {
                    // One header field in several lines is a list.
                    if case .string(let earlier) = entries[index].value {
                        entries[index].value = .string("\(earlier),\(value)")
                    }
                } else {
                    entries.append(MapEntry(key: key, value: .string(value)))
                }
            }
            return entries.isEmpty ? .absent : .map(entries)
        }
        if member.target.kind == .list {
            let texts = fields.values(member.wireName).flatMap { listItems($0, member.target.element) }
            var values: [Value] = []
            for text in texts { values.append(try scalar(text, member.target.element, .httpDate)) }
            return values.isEmpty ? .absent : .list(values)
        }
        guard let text = fields[member.wireName] else { return .absent }
        return try scalar(text, member, .httpDate)
    }

    /// The items of a list in one line; quotes protect commas, and dates hold one each.
    private static func listItems(_ text: String, _ element: MemberSchema) -> [String] {
        let isDate = element.target.kind == .timestamp && (element.timestampFormat ?? .httpDate) == .httpDate
        var items: [String] = []
        var item: [UInt8] = []
        var isQuoted = false
        var commas = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\""), item.last != UInt8(ascii: "\\") {
                isQuoted.toggle()
                item.append(byte)
            } else if byte == UInt8(ascii: ","), !isQuoted {
                commas += 1
                if isDate, commas % 2 == 1 {
                    item.append(byte)
                } else {
                    items.append(trim(item))
                    item = []
                }
            } else {
                item.append(byte)
            }
        }
        items.append(trim(item))
        return items.filter { !$0.isEmpty }
    }

    private static func trim(_ bytes: [UInt8]) -> String {
        var slice = bytes[...].drop { $0 == 0x20 || $0 == 0x09 }
        while slice.last == 0x20 || slice.last == 0x09 { slice.removeLast() }
        guard slice.count >= 2, slice.first == UInt8(ascii: "\""), slice.last == UInt8(ascii: "\"") else {
            return String(decoding: slice, as: UTF8.self)
        }
        var unquoted: [UInt8] = []
        var isEscaped = false
        for byte in slice.dropFirst().dropLast() {
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            if !isEscaped { unquoted.append(byte) }
        }
        return String(decoding: unquoted, as: UTF8.self)
    }

    private static func scalar(
        _ text: String, _ member: MemberSchema, _ format: TimestampFormat
    ) throws(AWSError) -> Value {
        do {
            return try ScalarText.value(
                text, member.target, member.timestampFormat ?? member.target.timestampFormat ?? format)
        } catch  where !error.isLocated {
            throw .serialization("\(error.message ?? "") (in '\(member.wireName)')")
        }
    }

    // MARK: Writing a request

    static func writeRequest(
        _ record: Record, _ operation: OperationSchema, to request: inout WireRequest
    ) throws(AWSError) {
        var pairs = operation.uri.query.map { pair in
            pair.value.map { "\(PercentCoding.encode(pair.name))=\(PercentCoding.encode($0))" }
                ?? PercentCoding.encode(pair.name)
        }
        // A member of its own goes before the same name in a map.
        let named = record.schema.members.filter {
            $0.location == .query && $0.target.kind != .map && record.has($0.index)
        }.map(\.wireName)
        for member in record.schema.members where member.location == .query && record.has(member.index) {
            for (name, value) in queryPairs(record.values[member.index], member)
            where member.target.kind != .map || !named.contains(name) {
                pairs.append("\(PercentCoding.encode(name))=\(PercentCoding.encode(value))")
            }
        }
        request.path = try operation.uri.path { name in
            record.schema.members.first { $0.location == .label && $0.wireName == name }
                .map { text(record.values[$0.index], $0, .iso8601) }
        }
        request.query = pairs.joined(separator: "&")
        writeHeaders(record, to: &request.headers)
    }

    private static func queryPairs(_ value: Value, _ member: MemberSchema) -> [(name: String, value: String)] {
        switch value {
        case .list(let elements):
            elements.map { (member.wireName, text($0, member.target.element, .iso8601)) }
        case .map(let entries):
            entries.flatMap { entry -> [(name: String, value: String)] in
                guard case .list(let values) = entry.value else {
                    return [(entry.key, text(entry.value, member.target.value, .iso8601))]
                }
                return values.map { (entry.key, text($0, member.target.value.target.element, .iso8601)) }
            }
        default: [(member.wireName, text(value, member, .iso8601))]
        }
    }

    // MARK: Headers, both ways

    static func writeHeaders(_ record: Record, to fields: inout HTTPFields) {
        for member in record.schema.bindings where record.has(member.index) {
            let value = record.values[member.index]
            switch member.location {
            case .header: fields.append(member.wireName, headerText(value, member))
            case .prefixHeaders:
                guard case .map(let entries) = value else { continue }
                for entry in entries {
                    fields.append(member.wireName + entry.key, text(entry.value, member.target.value, .httpDate))
                }
            case .body, .label, .query, .statusCode: continue
            }
        }
    }

    private static func headerText(_ value: Value, _ member: MemberSchema) -> String {
        guard case .list(let elements) = value, member.target.kind == .list else {
            return text(value, member, .httpDate)
        }
        let element = member.target.element
        return elements.map { item in
            let text = text(item, element, .httpDate)
            guard element.target.kind == .string, text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
            return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }.joined(separator: ", ")
    }

    private static func text(_ value: Value, _ member: MemberSchema, _ format: TimestampFormat) -> String {
        ScalarText.text(value, member.timestampFormat ?? member.target.timestampFormat ?? format)
    }

    /// Reads the members of an answer that travel outside the body.
    static func readResponse(_ response: WireResponse, into record: inout Record) throws(AWSError) {
        for member in record.schema.bindings {
            switch member.location {
            case .statusCode: record.values[member.index] = .integer(Int64(response.status))
            case .header, .prefixHeaders: record.values[member.index] = try header(response.headers, member)
            case .body, .label, .query: continue
            }
        }
    }

    /// The status that a member of the output sets, or the operation's own.
    static func status(_ output: Record, _ operation: OperationSchema) -> Int {
        if let member = operation.statusMember, case .integer(let status) = output.values[member],
            (100...599).contains(status)
        {
            return Int(status)
        }
        // Who is told which part of the whole he gets, gets a part (RFC 9110, 15.3.7).
        if operation.successStatus == 200, let range = operation.rangeMember, output.has(range) { return 206 }
        return operation.successStatus
    }
}
