/// The members of a JSON object in the order in which they were written; names are unique and compare by their bytes.
///
/// Small objects are searched from the front, which beats hashing; larger ones keep an index beside the members.
public struct JSONObject: Sendable {
    public typealias Element = (key: String, value: JSON)

    @usableFromInline struct Member: Sendable {
        @usableFromInline var key: String
        @usableFromInline var value: JSON

        @inlinable init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline static let indexThreshold = 12

    @usableFromInline var members: [Member]
    /// Positions by name; present exactly when there are more members than the threshold.
    @usableFromInline var positions: [ByteKey: Int]?

    public init() {
        members = []
        positions = nil
    }

    /// Later members replace earlier ones of the same name, at the earlier one's position.
    public init(_ elements: some Sequence<(String, JSON)>) {
        self.init()
        members.reserveCapacity(elements.underestimatedCount)
        for (key, value) in elements { self[key] = value }
    }

    /// Takes members in the order given; the last of equal names wins at the first one's position.
    @inlinable init(uncheckedMembers: [Member]) {
        members = uncheckedMembers
        positions = nil
        if members.count > Self.indexThreshold {
            foldDuplicatesWithIndex()
        } else {
            foldDuplicatesByScan()
        }
    }

    @usableFromInline mutating func foldDuplicatesByScan() {
        var last = 1
        while last < members.count {
            let earlier = members[..<last].firstIndex { $0.key.utf8Equals(members[last].key) }
            if let earlier {
                members[earlier].value = members[last].value
                members.remove(at: last)
            } else {
                last += 1
            }
        }
    }

    @usableFromInline mutating func foldDuplicatesWithIndex() {
        var index = [ByteKey: Int](minimumCapacity: members.count)
        var kept = 0
        for position in members.indices {
            let key = ByteKey(members[position].key)
            if let earlier = index[key] {
                members[earlier].value = members[position].value
            } else {
                index[key] = kept
                if kept != position { members.swapAt(kept, position) }
                kept += 1
            }
        }
        members.removeLast(members.count - kept)
        positions = kept > Self.indexThreshold ? index : nil
    }
}

/// A string that is compared and hashed by its UTF-8 bytes.
@usableFromInline struct ByteKey: Hashable, Sendable {
    @usableFromInline let text: String

    @inlinable init(_ text: String) { self.text = text }
    @inlinable static func == (left: ByteKey, right: ByteKey) -> Bool { left.text.utf8Equals(right.text) }
    @inlinable func hash(into hasher: inout Hasher) { text.hashUTF8(into: &hasher) }
}

extension JSONObject: RandomAccessCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { members.count }
    @inlinable public subscript(position: Int) -> Element {
        let member = members[position]
        return (member.key, member.value)
    }
}

extension JSONObject {
    @inlinable public var keys: [String] { members.map(\.key) }
    @inlinable public var values: [JSON] { members.map(\.value) }

    @inlinable public func position(of key: String) -> Int? {
        if let positions { return positions[ByteKey(key)] }
        return members.firstIndex { $0.key.utf8Equals(key) }
    }

    @inlinable public subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            guard let newValue else {
                removeValue(forKey: key)
                return
            }
            if let position = position(of: key) {
                members[position].value = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    /// The value of the member, to be changed in place; a missing member starts as the default and is added.
    @inlinable public subscript(key: String, default defaultValue: @autoclosure () -> JSON) -> JSON {
        get { self[key] ?? defaultValue() }
        _modify {
            let position: Int
            if let found = self.position(of: key) {
                position = found
            } else {
                append(key, defaultValue())
                position = members.count - 1
            }
            yield &members[position].value
        }
    }

    @usableFromInline mutating func append(_ key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
        if positions != nil {
            positions?[ByteKey(key)] = members.count - 1
        } else if members.count > Self.indexThreshold {
            reindex()
        }
    }

    @discardableResult public mutating func removeValue(forKey key: String) -> JSON? {
        guard let position = position(of: key) else { return nil }
        let removed = members.remove(at: position).value
        positions = nil
        if members.count > Self.indexThreshold { reindex() }
        return removed
    }

    private mutating func reindex() {
        var index = [ByteKey: Int](minimumCapacity: members.count * 2)
        for (position, member) in members.enumerated() { index[ByteKey(member.key)] = position }
        positions = index
    }

    /// The members of both; those of `other` win, new ones follow at the end.
    public func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }

    public mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.members.count == right.members.count else { return false }
        return left.members.enumerated().allSatisfy { position, member in
            let other = right.members[position]
            if other.key.utf8Equals(member.key) { return other.value == member.value }
            return right[member.key] == member.value
        }
    }

    public func hash(into hasher: inout Hasher) {
        // Order must not matter, so the members' hashes are summed.
        var sum = 0
        for member in members {
            var each = Hasher()
            member.key.hashUTF8(into: &each)
            each.combine(member.value)
            sum &+= each.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
