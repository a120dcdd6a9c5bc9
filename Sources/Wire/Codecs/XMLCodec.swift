import Core

/// Values as XML, by their schema.
enum XMLCodec {
    // MARK: Reading

    static func parse(_ bytes: [UInt8]) throws(AWSError) -> XMLElement {
        do {
            return try XMLReader.parse(bytes)
        } catch {
            throw AWSError(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema", status: 400
            )
        }
    }

    /// Sets the members that travel in the body.
    static func read(_ element: XMLElement, into record: inout Record) throws(AWSError) {
        for member in record.schema.members where member.location == .body {
            record.values[member.index] = try read(element, member)
        }
    }

    private static func read(_ parent: XMLElement, _ member: MemberSchema) throws(AWSError) -> Value {
        if member.isXMLAttribute {
            let name = localName(member.wireName)
            guard let text = parent.attributes.first(where: { $0.name == name })?.value else { return .absent }
            return try ScalarText.value(text, member.target, format(member))
        }
        if member.isXMLText {
            return parent.text.isEmpty ? .absent : try ScalarText.value(parent.text, member.target, format(member))
        }
        let name = elementName(member)
        if member.isFlattened, member.target.kind == .list || member.target.kind == .map {
            let found = parent.children.filter { $0.name == name }
            guard !found.isEmpty else { return .absent }
            return member.target.kind == .list
                ? try readList(found, member.target) : try readMap(found, member.target)
        }
        guard let element = parent.first(name) else { return .absent }
        return try read(element, member.target, format(member))
    }

    /// A flattened list without a name of its own is named as its elements are.
    static func elementName(_ member: MemberSchema) -> String {
        let inherits = member.isFlattened && !member.isRenamed && member.queryName == nil
        if inherits, member.target.kind == .list, member.target.element.isRenamed {
            return member.target.element.wireName
        }
        return member.xmlName
    }

    private static func read(
        _ element: XMLElement, _ shape: ShapeSchema, _ format: TimestampFormat
    ) throws(AWSError) -> Value {
        switch shape.kind {
        case .structure:
            var record = Record(shape)
            try read(element, into: &record)
            return .structure(record)
        case .list:
            let name = shape.element.isRenamed ? shape.element.wireName : "member"
            return try readList(element.children.filter { $0.name == name }, shape)
        case .map: return try readMap(element.children.filter { $0.name == "entry" }, shape)
        default:
            let text = shape.kind == .string ? element.text : trimmed(element.text)
            return try ScalarText.value(text, shape, format)
        }
    }

    private static func readList(_ elements: [XMLElement], _ shape: ShapeSchema) throws(AWSError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            values.append(try read(element, shape.element.target, format(shape.element)))
        }
        return .list(values)
    }

    private static func readMap(_ entries: [XMLElement], _ shape: ShapeSchema) throws(AWSError) -> Value {
        var result: [MapEntry] = []
        for entry in entries {
            guard let key = entry.first(shape.key.xmlName) else { throw .serialization("a map's entry has no key") }
            guard let value = entry.first(shape.value.xmlName) else { continue }
            result.append(
                MapEntry(key: key.text, value: try read(value, shape.value.target, format(shape.value))))
        }
        return .map(result)
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        guard let first = text.utf8.first, let last = text.utf8.last, isSpace(first) || isSpace(last) else {
            return text
        }
        let bytes = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(decoding: Array(bytes), as: UTF8.self)
    }

    private static func localName(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private static func format(_ member: MemberSchema) -> TimestampFormat {
        member.timestampFormat ?? member.target.timestampFormat ?? .iso8601
    }

    // MARK: Writing

    struct Style {
        /// Times always with three digits of milliseconds.
        var milliseconds = false
    }

    /// The body members of a structure, inside an element that is already open.
    static func writeMembers(_ record: Record, _ style: Style, to writer: inout XMLWriter) {
        for member in record.schema.members where member.location == .body && !member.isXMLAttribute {
            let value = record.values[member.index]
            if case .absent = value { continue }
            if member.isXMLText {
                writer.text(ScalarText.text(value, format(member), milliseconds: style.milliseconds))
            } else {
                write(value, elementName(member), member, style, to: &writer)
            }
        }
    }

    /// A structure as an element of that name.
    ///
    /// - Parameter isDocument: whether it is all there is; then it has no end when it is empty.
    static func write(
        _ record: Record, _ name: String, _ namespace: XMLNamespace?, _ style: Style, isDocument: Bool = false,
        to writer: inout XMLWriter
    ) {
        writer.open(name, attributes(record, namespace))
        let start = writer.bytes.count
        writeMembers(record, style, to: &writer)
        if isDocument, writer.bytes.count == start { writer.closeEmpty() } else { writer.close(name) }
    }

    private static func attributes(
        _ record: Record, _ namespace: XMLNamespace?
    ) -> [(name: String, value: String)] {
        var attributes: [(name: String, value: String)] = []
        if let namespace { attributes.append((namespace.prefix.map { "xmlns:\($0)" } ?? "xmlns", namespace.uri)) }
        for member in record.schema.members where member.isXMLAttribute && record.has(member.index) {
            attributes.append((member.wireName, ScalarText.text(record.values[member.index], format(member))))
        }
        return attributes
    }

    private static func write(
        _ value: Value, _ name: String, _ member: MemberSchema, _ style: Style, to writer: inout XMLWriter
    ) {
        let shape = member.target
        switch value {
        case .absent: break
        case .structure(let record):
            write(record, name, member.xmlNamespace ?? shape.xmlNamespace, style, to: &writer)
        case .list(let elements) where shape.kind == .list:
            let flattened = member.isFlattened
            if !flattened { writer.open(name, namespaceAttributes(member)) }
            let elementName = flattened ? name : shape.element.isRenamed ? shape.element.wireName : "member"
            for element in elements { write(element, elementName, shape.element, style, to: &writer) }
            if !flattened { writer.close(name) }
        case .map(let entries) where shape.kind == .map:
            let flattened = member.isFlattened
            if !flattened { writer.open(name, namespaceAttributes(member)) }
            for entry in entries {
                writer.open(flattened ? name : "entry")
                writer.element(shape.key.xmlName, entry.key)
                write(entry.value, shape.value.xmlName, shape.value, style, to: &writer)
                writer.close(flattened ? name : "entry")
            }
            if !flattened { writer.close(name) }
        default:
            writer.open(name, namespaceAttributes(member))
            writer.text(ScalarText.text(value, format(member), milliseconds: style.milliseconds))
            writer.close(name)
        }
    }

    private static func namespaceAttributes(_ member: MemberSchema) -> [(name: String, value: String)] {
        guard let namespace = member.xmlNamespace else { return [] }
        return [(namespace.prefix.map { "xmlns:\($0)" } ?? "xmlns", namespace.uri)]
    }
}

extension MemberSchema {
    /// The name of the member's element.
    var xmlName: String { queryName ?? wireName }
}
