/// Header fields in the order in which they came; names compare without regard to case.
public struct HTTPFields: Sendable {
    public var all: [(name: String, value: String)]

    public init(_ fields: [(name: String, value: String)] = []) { all = fields }

    /// The first value of that name.
    public subscript(name: String) -> String? {
        get {
            for index in all.indices where all[index].name.equalsIgnoringCase(name) { return all[index].value }
            return nil
        }
        set {
            all.removeAll { $0.name.equalsIgnoringCase(name) }
            if let newValue { all.append((name, newValue)) }
        }
    }

    public func values(_ name: String) -> [String] {
        all.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
    }

    public mutating func append(_ name: String, _ value: String) { all.append((name, value)) }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        all = elements.map { (name: $0.0, value: $0.1) }
    }
}

extension String {
    /// Equality of ASCII letters without regard to case.
    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && beginsIgnoringCase(other)
    }

    /// Whether something follows after that beginning, ASCII letters compared without regard to case.
    func hasPrefixIgnoringCase(_ prefix: String) -> Bool {
        utf8.count > prefix.utf8.count && beginsIgnoringCase(prefix)
    }

    /// - Parameter other: not longer than the text.
    private func beginsIgnoringCase(_ other: String) -> Bool {
        var rest = utf8.makeIterator()
        for byte in other.utf8 {
            guard let own = rest.next(), own == byte || own.asciiLowercased == byte.asciiLowercased else {
                return false
            }
        }
        return true
    }
}

extension UInt8 {
    var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}
