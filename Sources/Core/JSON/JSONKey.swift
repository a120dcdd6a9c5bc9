#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A member's name that is looked up many times.
public struct JSONKey: Sendable {
    public let text: String
    @usableFromInline let bits: StringBits

    @inlinable public init(_ text: String) {
        var text = text
        // One flat piece of UTF-8, so that comparing needs no conversion.
        text.makeContiguousUTF8()
        self.text = text
        bits = StringBits(text)
    }

    /// Equality of the bytes, mostly decided without looking at them.
    @inlinable func matches(_ name: String) -> Bool {
        let other = StringBits(name)
        if other.first == bits.first, other.second == bits.second { return true }
        if other.isSmall, bits.isSmall { return false }
        return text.hasSameBytes(as: name)
    }
}

/// The two words of a native string: the text itself when it is up to 15 bytes long, else a count and a reference.
/// Equal words mean equal texts; unequal words of two small strings mean unequal ones.
@usableFromInline struct StringBits: Sendable {
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64

    @inlinable init(_ text: String) {
        #if _pointerBitWidth(_64)
            (first, second) = unsafeBitCast(text, to: (UInt64, UInt64).self)
        #else
            // Elsewhere strings are laid out differently; unequal words then decide nothing.
            (first, second) = (UInt64(text.utf8.count), UInt64.random(in: 0...UInt64.max >> 3))
        #endif
    }

    /// Bit 61 of a string's second word, by Swift's stable layout.
    @inlinable var isSmall: Bool {
        #if _pointerBitWidth(_64)
            second >> 61 & 1 == 1
        #else
            false
        #endif
    }
}

extension JSONObject {
    @inlinable public subscript(key: JSONKey) -> JSON? {
        if positions != nil { return self[key.text] }
        for index in members.indices where key.matches(members[index].key) { return members[index].value }
        return nil
    }

    /// The member's value, looked for first at the position where the caller found it in an object before: objects of
    /// one array mostly have one shape.
    @inlinable public func value(of key: JSONKey, hint: inout Int) -> JSON? {
        if hint < members.count, key.matches(members[hint].key) { return members[hint].value }
        guard positions == nil else {
            guard let found = position(of: key.text) else { return nil }
            hint = found
            return members[found].value
        }
        for index in members.indices where key.matches(members[index].key) {
            hint = index
            return members[index].value
        }
        return nil
    }

    /// The name of the member at that position.
    @inlinable public func key(at position: Int) -> String { members[position].key }

    /// The value of the member at that position.
    @inlinable public func value(at position: Int) -> JSON { members[position].value }

    /// Replaces the value of the member at that position.
    @inlinable public mutating func setValue(_ value: JSON, at position: Int) { members[position].value = value }

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
        let own = StringBits(self)
        let theirs = StringBits(other)
        if own.first == theirs.first, own.second == theirs.second { return true }
        if own.isSmall, theirs.isSmall { return false }
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
