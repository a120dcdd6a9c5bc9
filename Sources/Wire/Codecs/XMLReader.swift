/// An element of an XML document with what is in it.
public struct XMLElement: Sendable {
    /// Without its prefix.
    public var name: String
    public var attributes: [(name: String, value: String)] = []
    public var children: [XMLElement] = []
    /// The text between the tags, of all its pieces.
    public var text = ""

    public init(name: String) { self.name = name }

    public func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}

/// Why a text is no XML that is accepted here.
public struct XMLError: Error, Sendable, CustomStringConvertible {
    public var reason: String
    /// Zero-based count of bytes before the mistake.
    public var offset: Int

    public var description: String { "\(reason) (at byte \(offset))" }
}

/// Reads elements, attributes and text of an XML document.
///
/// There are no document type declarations, and so no entities but the five of XML itself and character references:
/// nothing in a document can grow, refer to a file or reach the network. Depth, elements and attributes are counted.
public struct XMLReader {
    public struct Limits: Sendable {
        public var depth = 64
        public var elements = 100_000
        public var attributes = 64

        public init() {}
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var position = 0
    private var open: [XMLElement] = []
    private var elementCount = 0
    private var root: XMLElement?

    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(XMLError) -> XMLElement {
        var reader = XMLReader(bytes, limits)
        return try reader.document()
    }

    private init(_ bytes: [UInt8], _ limits: Limits) {
        self.bytes = bytes
        self.limits = limits
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private mutating func document() throws(XMLError) -> XMLElement {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "<") {
                try markup()
            } else {
                try text()
            }
        }
        guard open.isEmpty else { throw failure("the element '\(open[open.count - 1].name)' is not closed") }
        guard let root else { throw failure("the document has no element") }
        return root
    }

    private mutating func markup() throws(XMLError) {
        if take("<?") { return try skip(to: "?>") }
        if take("<!--") { return try skip(to: "-->") }
        if take("<![CDATA[") { return try characterData() }
        if take("<!") { throw failure("document type declarations are not allowed") }
        if take("</") { return try closingTag() }
        position += 1
        try openingTag()
    }

    // MARK: Tags

    private mutating func openingTag() throws(XMLError) {
        guard root == nil else { throw failure("text after the end of the document") }
        guard open.count < limits.depth else { throw failure("nested deeper than \(limits.depth) levels") }
        elementCount += 1
        guard elementCount <= limits.elements else { throw failure("more than \(limits.elements) elements") }
        var element = XMLElement(name: try name())
        while true {
            skipSpace()
            if take("/>") { return finish(element) }
            if take(">") { return open.append(element) }
            guard element.attributes.count < limits.attributes else {
                throw failure("more than \(limits.attributes) attributes")
            }
            let name = try name()
            skipSpace()
            guard take("=") else { throw failure("an attribute needs a value") }
            skipSpace()
            element.attributes.append((name, try quotedValue()))
        }
    }

    private mutating func closingTag() throws(XMLError) {
        let name = try name()
        skipSpace()
        guard take(">") else { throw failure("a closing tag is not ended with '>'") }
        guard let element = open.popLast() else { throw failure("'</\(name)>' closes nothing") }
        guard element.name == name else { throw failure("'</\(name)>' closes '<\(element.name)>'") }
        finish(element)
    }

    private mutating func finish(_ element: XMLElement) {
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }

    /// A name without its prefix.
    private mutating func name() throws(XMLError) -> String {
        var start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) {
            if bytes[position] == UInt8(ascii: ":") { start = position + 1 }
            position += 1
        }
        guard position > start else { throw failure("a name is missing") }
        return try string(bytes[start..<position])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x80...0xFF: true
        default: false
        }
    }

    private mutating func quotedValue() throws(XMLError) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'")
        else { throw failure("an attribute's value needs quotes") }
        let quote = bytes[position]
        position += 1
        return try content(upTo: quote, closing: true)
    }

    // MARK: Text

    private mutating func text() throws(XMLError) {
        let start = position
        let text = try content(upTo: UInt8(ascii: "<"), closing: false)
        guard open.isEmpty else { return open[open.count - 1].text += text }
        guard text.utf8.allSatisfy(Self.isSpace) else {
            position = start
            throw failure("text stands outside of the elements")
        }
    }

    private mutating func characterData() throws(XMLError) {
        let start = position
        try skip(to: "]]>")
        guard !open.isEmpty else { throw failure("text stands outside of the elements") }
        open[open.count - 1].text += try string(bytes[start..<position - 3])
    }

    /// Text up to the byte, with its references resolved.
    private mutating func content(upTo end: UInt8, closing: Bool) throws(XMLError) -> String {
        var collected: [UInt8] = []
        var runStart = position
        while position < bytes.count, bytes[position] != end {
            switch bytes[position] {
            case UInt8(ascii: "&"):
                collected += bytes[runStart..<position]
                position += 1
                try reference(into: &collected)
                runStart = position
            case 0x0D:
                // Line ends are one line feed each.
                collected += bytes[runStart..<position]
                collected.append(0x0A)
                position += 1
                if position < bytes.count, bytes[position] == 0x0A { position += 1 }
                runStart = position
            default: position += 1
            }
        }
        collected += bytes[runStart..<position]
        if closing {
            guard position < bytes.count else { throw failure("a value in quotes is not closed") }
            position += 1
        }
        return try string(collected[...])
    }

    private mutating func reference(into text: inout [UInt8]) throws(XMLError) {
        let limit = min(bytes.count, position + 12)
        guard let end = bytes[position..<limit].firstIndex(of: UInt8(ascii: ";")) else {
            throw failure("'&' begins no reference: write it as '&amp;'")
        }
        let name = String(decoding: bytes[position..<end], as: UTF8.self)
        switch name {
        case "lt": text.append(UInt8(ascii: "<"))
        case "gt": text.append(UInt8(ascii: ">"))
        case "amp": text.append(UInt8(ascii: "&"))
        case "quot": text.append(UInt8(ascii: "\""))
        case "apos": text.append(UInt8(ascii: "'"))
        default:
            guard let scalar = Self.scalar(name), let units = UTF8.encode(scalar) else {
                throw failure("unknown entity '&\(name);'")
            }
            text.append(contentsOf: units)
        }
        position = end + 1
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        let number =
            name.hasPrefix("#x")
            ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let number, number != 0 else { return nil }
        return Unicode.Scalar(number)
    }

    // MARK: Pieces

    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
        position += count
        return true
    }

    private mutating func skip(to word: StaticString) throws(XMLError) {
        while position < bytes.count {
            if take(word) { return }
            position += 1
        }
        throw failure("'\(word)' is missing")
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func string(_ bytes: ArraySlice<UInt8>) throws(XMLError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("the text is not valid UTF-8") }
        return text
    }

    private func failure(_ reason: String) -> XMLError { XMLError(reason: reason, offset: position) }
}
