#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A member's name that is looked up many times.
public struct JSONKey: Sendable, Hashable {
    public let text: String

    @inlinable public init(_ text: String) {
        var text = text
        // One flat piece of UTF-8, so that comparing needs no conversion.
        text.makeContiguousUTF8()
        self.text = text
    }
}

extension JSONObject {
    @inlinable public subscript(key: JSONKey) -> JSON? {
        if positions != nil { return self[key.text] }
        for index in members.indices where members[index].key.hasSameBytes(as: key.text) {
            return members[index].value
        }
        return nil
    }

    /// The member's value, looked for first at the position where the caller found it in an object before: objects of
    /// one array mostly have one shape.
    @inlinable public func value(of key: JSONKey, hint: inout Int) -> JSON? {
        if hint < members.count, members[hint].key.hasSameBytes(as: key.text) { return members[hint].value }
        guard positions == nil else {
            guard let found = position(of: key.text) else { return nil }
            hint = found
            return members[found].value
        }
        for index in members.indices where members[index].key.hasSameBytes(as: key.text) {
            hint = index
            return members[index].value
        }
        return nil
    }

    /// Adds a member whose name the object does not have yet; nothing checks that.
    @inlinable public mutating func appendUnchecked(_ key: String, _ value: JSON) {
        append(key, value)
    }

    /// Identifies the storage: two objects with the same identity have the same members, until one is changed. Empty
    /// objects may share theirs.
    @inlinable public var storageIdentity: UInt {
        members.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }
}

extension String {
    /// Equality of the UTF-8 bytes; quick for native strings.
    @inlinable public func hasSameBytes(as other: String) -> Bool {
        let count = utf8.count
        guard count == other.utf8.count else { return false }
        let isEqual = utf8.withContiguousStorageIfAvailable { own in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                count == 0 || memcmp(own.baseAddress!, theirs.baseAddress!, count) == 0
            }
        }
        if case .some(.some(let isEqual)) = isEqual { return isEqual }
        return utf8.elementsEqual(other.utf8)
    }
}
