import CYAML

/// Why a text is not a YAML document that the host accepts, and where.
public struct YAMLParseError: Error, Sendable {
    public var reason: String
    public var mark: SourceMark
}

/// Reads one YAML document with libyaml. Anchors, aliases and tags are refused: a project file says what it means, and
/// an alias could make a small file expand without end.
public struct YAMLParser: ~Copyable {
    private static let depthLimit = 100

    private var parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

    private init() {
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    public static func parse(_ bytes: [UInt8]) throws(YAMLParseError) -> YAMLNode {
        let parsed = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(YAMLParseError) in
                var parser = YAMLParser()
                yaml_parser_set_input_string(parser.parser, buffer.baseAddress, buffer.count)
                return try parser.readStream()
            }
        }
        return try parsed.get()
    }

    private mutating func readStream() throws(YAMLParseError) -> YAMLNode {
        _ = try next()  // stream start
        let event = try next()
        guard event.kind == YAML_DOCUMENT_START_EVENT else {
            throw YAMLParseError(reason: "the file is empty", mark: event.mark)
        }
        let root = try node(from: try next(), depth: 0)
        _ = try next()  // document end
        let after = try next()
        guard after.kind == YAML_STREAM_END_EVENT else {
            throw YAMLParseError(reason: "a second document begins here; one file holds one document", mark: after.mark)
        }
        return root
    }

    private mutating func node(from event: Event, depth: Int) throws(YAMLParseError) -> YAMLNode {
        guard depth < Self.depthLimit else {
            throw YAMLParseError(reason: "nested deeper than \(Self.depthLimit) levels", mark: event.mark)
        }
        switch event.kind {
        case YAML_SCALAR_EVENT:
            return YAMLNode(.scalar(event.text, isQuoted: event.isQuoted), mark: event.mark)
        case YAML_SEQUENCE_START_EVENT:
            var nodes: [YAMLNode] = []
            while true {
                let item = try next()
                if item.kind == YAML_SEQUENCE_END_EVENT { return YAMLNode(.sequence(nodes), mark: event.mark) }
                nodes.append(try node(from: item, depth: depth + 1))
            }
        case YAML_MAPPING_START_EVENT: return try mapping(at: event.mark, depth: depth)
        default:
            throw YAMLParseError(reason: "an alias (*name) is not accepted: write the value out", mark: event.mark)
        }
    }

    private mutating func mapping(at mark: SourceMark, depth: Int) throws(YAMLParseError) -> YAMLNode {
        var members: [YAMLMember] = []
        var seen: Set<String> = []
        while true {
            let key = try next()
            if key.kind == YAML_MAPPING_END_EVENT { return YAMLNode(.mapping(members), mark: mark) }
            guard key.kind == YAML_SCALAR_EVENT else {
                throw YAMLParseError(reason: "a name must be plain text", mark: key.mark)
            }
            guard seen.insert(key.text).inserted else {
                throw YAMLParseError(reason: "'\(key.text)' stands here twice: remove one", mark: key.mark)
            }
            let value = try node(from: try next(), depth: depth + 1)
            members.append(YAMLMember(key: key.text, keyMark: key.mark, value: value))
        }
    }

    // MARK: Events

    private struct Event {
        var kind: yaml_event_type_t
        var text = ""
        var isQuoted = false
        var mark: SourceMark
    }

    private mutating func next() throws(YAMLParseError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let mark = SourceMark(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        var read = Event(kind: event.type, mark: mark)
        if event.type == YAML_SCALAR_EVENT {
            let scalar = event.data.scalar
            read.text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            read.isQuoted = scalar.style != YAML_PLAIN_SCALAR_STYLE
            try refuse(tag: scalar.tag, anchor: scalar.anchor, mark)
        } else if event.type == YAML_MAPPING_START_EVENT {
            try refuse(tag: event.data.mapping_start.tag, anchor: event.data.mapping_start.anchor, mark)
        } else if event.type == YAML_SEQUENCE_START_EVENT {
            try refuse(tag: event.data.sequence_start.tag, anchor: event.data.sequence_start.anchor, mark)
        }
        return read
    }

    private func refuse(
        tag: UnsafeMutablePointer<yaml_char_t>?, anchor: UnsafeMutablePointer<yaml_char_t>?, _ mark: SourceMark
    ) throws(YAMLParseError) {
        if let tag {
            let name = String(cString: tag)
            throw YAMLParseError(
                reason: "the tag \(name) is not accepted: write the value itself (names of resources need no !Ref)",
                mark: mark)
        }
        if let anchor {
            throw YAMLParseError(
                reason: "an anchor (&\(String(cString: anchor))) is not accepted: write the value out", mark: mark)
        }
    }

    /// What to do about the mistakes whose names, which are libyaml's, do not say it.
    private static let mends = [
        "found character that cannot start any token":
            "indent with spaces instead of tabs, and put quotes around a text that begins with '@', '%' or '`'",
        "mapping values are not allowed in this context":
            "begin the line at the column of its neighbours, or put quotes around a text that holds ': '",
        "could not find expected ':'": "write 'Name: value', with a space behind the colon",
    ]

    private func failure() -> YAMLParseError {
        var problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
        if let mend = Self.mends[problem] { problem += ": \(mend)" }
        let place = parser.pointee.problem_mark
        let isReaderError = parser.pointee.error == YAML_READER_ERROR
        let mark = SourceMark(
            line: isReaderError ? 1 : Int(place.line) + 1, column: isReaderError ? 1 : Int(place.column) + 1)
        return YAMLParseError(reason: problem, mark: mark)
    }
}
