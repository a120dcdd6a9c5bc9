import AWSModels
import Core
import Objects
import Wire

/// How names are written in a listing.
struct NameEncoding {
    let isURL: Bool

    init(_ type: S3.EncodingType?) throws(AWSError) {
        guard let type else {
            isURL = false
            return
        }
        guard type == .url else {
            throw .invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", type.rawValue)
        }
        isURL = true
    }

    var type: S3.EncodingType? { isURL ? .url : nil }

    func callAsFunction(_ name: String) -> String {
        isURL ? PercentCoding.encode(name, keepingSlash: true).replacing("%20", with: "+") : name
    }
}

extension S3Provider {
    static func limit(_ given: Int?, _ name: String) throws(AWSError) -> Int {
        guard let given else { return 1000 }
        guard given >= 0 else {
            throw .invalidArgument("Argument \(name) must be an integer between 0 and 2147483647", name, String(given))
        }
        return given
    }

    public func listObjects(
        _ input: S3.ListObjectsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListObjectsOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let encode = try NameEncoding(input.encodingType)
            let restore = input.optionalObjectAttributes?.contains(.restoreStatus) ?? false
            let limit = try Self.limit(input.maxKeys, "max-keys")
            let page = try await store.list(
                ListRequest(
                    bucket: input.bucket, prefix: input.prefix ?? "", delimiter: input.delimiter ?? "",
                    after: input.marker ?? "", limit: limit))
            meter(.write, bucket)
            // Nobody is not told whose the objects are.
            let owner = context.accessKeyID == nil ? nil : CanonicalUser.owner(bucket.scope.account)
            return S3.ListObjectsOutput {
                $0.bucketRegion = bucket.scope.region
                $0.name = input.bucket
                $0.prefix = encode(input.prefix ?? "")
                $0.marker = encode(input.marker ?? "")
                $0.maxKeys = limit
                $0.isTruncated = page.isTruncated
                $0.encodingType = encode.type
                if let delimiter = input.delimiter, !delimiter.isEmpty {
                    $0.delimiter = encode(delimiter)
                    if page.isTruncated { $0.nextMarker = page.last.map { encode($0) } }
                }
                $0.set(contents: page.versions.map { object($0, owner, encode, restore) })
                $0.set(prefixes: page.commonPrefixes.map { encode($0) })
            }
        }
    }

    public func listObjectsV2(
        _ input: S3.ListObjectsV2Request, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListObjectsV2Output {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let encode = try NameEncoding(input.encodingType)
            let restore = input.optionalObjectAttributes?.contains(.restoreStatus) ?? false
            let limit = try Self.limit(input.maxKeys, "max-keys")
            let page = try await store.list(
                ListRequest(
                    bucket: input.bucket, prefix: input.prefix ?? "", delimiter: input.delimiter ?? "",
                    after: try Self.start(input), limit: limit))
            meter(.write, bucket)
            let owner = input.fetchOwner == true ? CanonicalUser.owner(bucket.scope.account) : nil
            return S3.ListObjectsV2Output {
                $0.bucketRegion = bucket.scope.region
                $0.name = input.bucket
                $0.prefix = encode(input.prefix ?? "")
                $0.maxKeys = limit
                $0.keyCount = page.versions.count + page.commonPrefixes.count
                $0.isTruncated = page.isTruncated
                $0.encodingType = encode.type
                $0.continuationToken = input.continuationToken
                if input.continuationToken == nil { $0.startAfter = input.startAfter.map { encode($0) } }
                if page.isTruncated { $0.nextContinuationToken = page.last.map(ListingToken.make) }
                if let delimiter = input.delimiter, !delimiter.isEmpty { $0.delimiter = encode(delimiter) }
                $0.set(contents: page.versions.map { object($0, owner, encode, restore) })
                $0.set(prefixes: page.commonPrefixes.map { encode($0) })
            }
        }
    }

    private static func start(_ input: S3.ListObjectsV2Request) throws(AWSError) -> String {
        guard let token = input.continuationToken else { return input.startAfter ?? "" }
        guard !token.isEmpty, let start = ListingToken.read(token) else {
            throw .invalidArgument("The continuation token provided is incorrect", "continuation-token")
        }
        return start
    }

    private func object(
        _ version: ObjectVersion, _ owner: S3.Owner?, _ encode: NameEncoding, _ isRestoreShown: Bool
    ) -> S3.Object {
        S3.Object {
            $0.key = encode(version.key.text)
            $0.lastModified = version.lastModified.wholeSecond
            $0.eTag = version.etag.quoted
            $0.size = Int(version.size)
            $0.storageClass = S3.ObjectStorageClass(rawValue: version.attributes.storageClass ?? "STANDARD")
            $0.owner = owner
            if isRestoreShown { $0.restoreStatus = Restoration(version, at: clock.now)?.status }
            if let (algorithms, type) = Self.checksums(version) {
                ($0.checksumAlgorithm, $0.checksumType) = (algorithms, type)
            }
        }
    }

    private static func checksums(_ version: ObjectVersion) -> ([S3.ChecksumAlgorithm], S3.ChecksumType?)? {
        let names = version.attributes.checksums.map { S3.ChecksumAlgorithm(rawValue: $0.name) }
        guard !names.isEmpty else { return nil }
        return (names, version.attributes.checksumType.map { S3.ChecksumType(rawValue: $0) })
    }

    public func listObjectVersions(
        _ input: S3.ListObjectVersionsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListObjectVersionsOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let encode = try NameEncoding(input.encodingType)
            let restore = input.optionalObjectAttributes?.contains(.restoreStatus) ?? false
            let limit = try Self.limit(input.maxKeys, "max-keys")
            let marker = try Self.versionMarker(input)
            let page = try await store.listVersions(
                ListRequest(
                    bucket: input.bucket, prefix: input.prefix ?? "", delimiter: input.delimiter ?? "",
                    after: input.keyMarker ?? "", limit: limit), afterVersion: marker)
            meter(.write, bucket)
            let owner = CanonicalUser.owner(bucket.scope.account)
            let versions = page.versions.filter { !$0.isDeleteMarker }
            let markers = page.versions.filter(\.isDeleteMarker)
            return S3.ListObjectVersionsOutput {
                $0.name = input.bucket
                $0.prefix = encode(input.prefix ?? "")
                $0.keyMarker = encode(input.keyMarker ?? "")
                $0.versionIdMarker = input.versionIdMarker ?? ""
                $0.maxKeys = limit
                $0.isTruncated = page.isTruncated
                $0.encodingType = encode.type
                if page.isTruncated {
                    $0.nextKeyMarker = page.last.map { encode($0) }
                    $0.nextVersionIdMarker = page.lastVersionID
                }
                if let delimiter = input.delimiter, !delimiter.isEmpty { $0.delimiter = encode(delimiter) }
                if !versions.isEmpty { $0.versions = versions.map { entry($0, owner, encode, restore) } }
                if !markers.isEmpty { $0.deleteMarkers = markers.map { Self.marker($0, owner, encode) } }
                if !page.commonPrefixes.isEmpty {
                    $0.commonPrefixes = page.commonPrefixes.map { name in S3.CommonPrefix { $0.prefix = encode(name) } }
                }
            }
        }
    }

    private static func versionMarker(_ input: S3.ListObjectVersionsRequest) throws(AWSError) -> String? {
        guard let marker = input.versionIdMarker else { return nil }
        guard let key = input.keyMarker, !key.isEmpty else {
            throw .invalidArgument(
                "A version-id marker cannot be specified without a key marker.", "version-id-marker", marker)
        }
        guard !marker.isEmpty else {
            throw .invalidArgument("A version-id marker cannot be empty.", "version-id-marker", marker)
        }
        return marker
    }

    private func entry(
        _ version: ObjectVersion, _ owner: S3.Owner, _ encode: NameEncoding, _ isRestoreShown: Bool
    ) -> S3.ObjectVersion {
        S3.ObjectVersion {
            $0.key = encode(version.key.text)
            $0.versionId = version.versionID
            $0.isLatest = version.isLatest
            $0.lastModified = version.lastModified.wholeSecond
            $0.eTag = version.etag.quoted
            $0.size = Int(version.size)
            $0.storageClass = S3.ObjectVersionStorageClass(rawValue: version.attributes.storageClass ?? "STANDARD")
            $0.owner = owner
            if isRestoreShown { $0.restoreStatus = Restoration(version, at: clock.now)?.status }
            if let (algorithms, type) = Self.checksums(version) {
                ($0.checksumAlgorithm, $0.checksumType) = (algorithms, type)
            }
        }
    }

    private static func marker(
        _ version: ObjectVersion, _ owner: S3.Owner, _ encode: NameEncoding
    ) -> S3.DeleteMarkerEntry {
        S3.DeleteMarkerEntry {
            $0.key = encode(version.key.text)
            $0.versionId = version.versionID
            $0.isLatest = version.isLatest
            $0.lastModified = version.lastModified.wholeSecond
            $0.owner = owner
        }
    }
}

extension S3.ListObjectsOutput {
    fileprivate mutating func set(contents: [S3.Object]) { if !contents.isEmpty { self.contents = contents } }

    fileprivate mutating func set(prefixes: [String]) {
        if !prefixes.isEmpty { commonPrefixes = prefixes.map { name in S3.CommonPrefix { $0.prefix = name } } }
    }
}

extension S3.ListObjectsV2Output {
    fileprivate mutating func set(contents: [S3.Object]) { if !contents.isEmpty { self.contents = contents } }

    fileprivate mutating func set(prefixes: [String]) {
        if !prefixes.isEmpty { commonPrefixes = prefixes.map { name in S3.CommonPrefix { $0.prefix = name } } }
    }
}
