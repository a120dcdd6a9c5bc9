/// The name of an object: 1 to 1,024 bytes of UTF-8, compared and ordered by its bytes.
public struct ObjectKey: Sendable {
    public static let maximumLength = 1024

    public let text: String

    public init(_ text: String) throws(ObjectStoreError) {
        guard text.utf8.count <= Self.maximumLength else { throw .keyTooLong(text.utf8.count) }
        guard !text.isEmpty else { throw .invalidArgument("A key has at least one character", "Key", "") }
        self.text = text
    }

    /// Nil when the bytes are no key: too many, none, or not UTF-8.
    init?(bytes: [UInt8]) {
        guard (1...Self.maximumLength).contains(bytes.count), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        self.text = text
    }

    public var bytes: [UInt8] { Array(text.utf8) }
}

extension ObjectKey: Hashable, Comparable {
    public static func == (left: ObjectKey, right: ObjectKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

extension ObjectKey: CustomStringConvertible {
    public var description: String { text }
}
