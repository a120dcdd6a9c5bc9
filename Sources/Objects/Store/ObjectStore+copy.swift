import Core
import Storage

extension ObjectStore {
    /// What copying makes of bytes, which stand at one place of the source and at one of the target.
    public typealias ByteTransform = @Sendable (_ bytes: [UInt8], _ source: Int64, _ target: Int64) -> [UInt8]

    /// Copies an object within the kernel, sharing its blocks where the file system can; through memory, piece by piece,
    /// where something is made of the bytes.
    ///
    /// - Parameters:
    ///   - content: the source, opened.
    ///   - source: where from, and on what conditions.
    ///   - request: where to; its attributes are those of the copy when `replacesAttributes`, otherwise the source's are
    ///     taken over (tags by `replacesTags` on their own).
    public func copy(
        _ content: ObjectContent, from source: CopySource, to request: PutRequest, replacesAttributes: Bool = false,
        replacesTags: Bool = false, transform: ByteTransform? = nil
    ) async throws -> ObjectVersion {
        try source.conditions.checkCopySource(content.version, now: clock.now)
        if source.bucket == request.bucket, source.key == request.key, source.versionID == nil, !replacesAttributes {
            throw ObjectStoreError(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                    + "object's metadata, storage class, website redirect location or encryption attributes.")
        }
        var request = request
        if !replacesAttributes {
            let given = request.attributes
            request.attributes = content.version.attributes
            request.attributes.storageClass = given.storageClass
            request.attributes.websiteRedirectLocation = given.websiteRedirectLocation
            request.attributes.documents = given.documents
            request.attributes.tags = given.tags
        }
        if !replacesTags { request.attributes.tags = content.version.attributes.tags }
        request.attributes.parts = []
        request.cause = .copy
        let bucket = try find(request.bucket)
        let number = numbers.next()
        return try await put(request, in: bucket) { [isDurable = options.isDurable] in
            let staged = try StagedFile(in: bucket, number: number)
            let etag = content.version.etag
            if let transform {
                try staged.append(content.file, 0..<content.file.size, transform)
            } else {
                try staged.clone(content.file, md5: etag.contains("-") ? nil : etag)
            }
            return FinishedFile(staged, try staged.finish(isDurable: isDurable))
        }
    }
}

/// The object that a copy is made of.
public struct CopySource: Sendable {
    public var bucket: String
    public var key: ObjectKey
    public var versionID: String?
    public var conditions: ReadConditions

    public init(
        bucket: String, key: ObjectKey, versionID: String? = nil, conditions: ReadConditions = ReadConditions()
    ) {
        self.bucket = bucket
        self.key = key
        self.versionID = versionID
        self.conditions = conditions
    }
}
