import Core

/// The conditional headers of a read (RFC 9110), as S3 weighs them.
public struct ReadConditions: Hashable, Sendable {
    public var ifMatch: String?
    public var ifNoneMatch: String?
    public var ifModifiedSince: Timestamp?
    public var ifUnmodifiedSince: Timestamp?

    public init(
        ifMatch: String? = nil, ifNoneMatch: String? = nil, ifModifiedSince: Timestamp? = nil,
        ifUnmodifiedSince: Timestamp? = nil
    ) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
        self.ifModifiedSince = ifModifiedSince
        self.ifUnmodifiedSince = ifUnmodifiedSince
    }

    /// A matching `If-Match` outweighs `If-Unmodified-Since`, a given `If-None-Match` outweighs `If-Modified-Since`.
    /// Times that are yet to come say nothing about what was modified since.
    func check(_ version: ObjectVersion, now: Timestamp) throws(ObjectStoreError) {
        if let ifMatch {
            guard matches(ifMatch, version.etag) else { throw .preconditionFailed("If-Match") }
        } else if let limit = ifUnmodifiedSince, wholeSeconds(version.lastModified) > wholeSeconds(limit) {
            throw .preconditionFailed("If-Unmodified-Since")
        }
        if let ifNoneMatch {
            if matches(ifNoneMatch, version.etag) { throw .notModified }
        } else if let limit = ifModifiedSince, limit <= now, wholeSeconds(version.lastModified) <= wholeSeconds(limit) {
            throw .notModified
        }
    }

    /// The conditions on a copy's source, all of which refuse with 412.
    func checkCopySource(_ version: ObjectVersion, now: Timestamp) throws(ObjectStoreError) {
        do {
            try check(version, now: now)
        } catch  where error.code == "PreconditionFailed" {
            throw .preconditionFailed("x-amz-copy-source-\(error.details.first?.value ?? "If-Match")")
        } catch  where error == .notModified {
            throw .preconditionFailed(
                ifNoneMatch != nil ? "x-amz-copy-source-If-None-Match" : "x-amz-copy-source-If-Modified-Since")
        }
    }
}

/// The conditional headers of a write.
public struct WriteConditions: Hashable, Sendable {
    /// Overwrite only this content.
    public var ifMatch: String?
    /// `*`: write only when there is no object yet.
    public var ifNoneMatch: String?

    public init(ifMatch: String? = nil, ifNoneMatch: String? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    func check(_ current: ObjectVersion?, key: ObjectKey) throws(ObjectStoreError) {
        let existing = current.flatMap { $0.isDeleteMarker ? nil : $0 }
        if let ifMatch {
            guard let existing else { throw .noSuchKey(key) }
            guard matches(ifMatch, existing.etag) else { throw .preconditionFailed("If-Match") }
        }
        if let ifNoneMatch, let existing, matches(ifNoneMatch, existing.etag) {
            throw .preconditionFailed("If-None-Match")
        }
    }
}

/// A list of entity tags, quoted or not, or `*`.
private func matches(_ header: String, _ etag: String) -> Bool {
    header.split(separator: ",").contains { each in
        var tag = each.drop { $0 == " " }
        while tag.last == " " { tag = tag.dropLast() }
        if tag == "*" { return true }
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        if tag.count >= 2, tag.first == "\"", tag.last == "\"" { tag = tag.dropFirst().dropLast() }
        return tag == etag
    }
}

/// HTTP's dates have no fractions.
private func wholeSeconds(_ time: Timestamp) -> Int64 { time.milliseconds / 1000 }
