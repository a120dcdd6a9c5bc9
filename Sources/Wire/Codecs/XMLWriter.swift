/// A growing XML document.
public struct XMLWriter {
    public private(set) var bytes: [UInt8] = []
    /// Whether every element has a line of its own, with two spaces before it for each one around it.
    private let isIndented: Bool
    private var depth = 0
    private var endsWithChild = false

    public init(isIndented: Bool = false) {
        self.isIndented = isIndented
        bytes.reserveCapacity(512)
    }

    public mutating func declaration() {
        append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    }

    public mutating func open(_ name: String, _ attributes: [(name: String, value: String)] = []) {
        breakLine()
        depth += 1
        endsWithChild = false
        bytes.append(UInt8(ascii: "<"))
        append(name)
        for (name, value) in attributes {
            bytes.append(UInt8(ascii: " "))
            append(name)
            append("=\"")
            escape(value, inAttribute: true)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
    }

    public mutating func close(_ name: String) {
        depth -= 1
        if endsWithChild { breakLine() }
        endsWithChild = true
        append("</")
        append(name)
        bytes.append(UInt8(ascii: ">"))
        if isIndented, depth == 0 { bytes.append(0x0A) }
    }

    private mutating func breakLine() {
        guard isIndented, !bytes.isEmpty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * depth))
    }

    /// Makes an element that was opened last, and holds nothing, one without an end.
    mutating func closeEmpty() {
        bytes.removeLast()
        append("/>")
    }

    public mutating func text(_ text: String) { escape(text, inAttribute: false) }

    public mutating func element(_ name: String, _ text: String) {
        open(name)
        self.text(text)
        close(name)
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func escape(_ text: String, inAttribute: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\"") where inAttribute: append("&quot;")
            case 0x0A where inAttribute: append("&#xA;")
            case 0x0D: append("&#xD;")
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: append("&#x\(String(byte, radix: 16, uppercase: true));")
            default: bytes.append(byte)
            }
        }
    }
}
