import Wire

/// Where a request for S3 points: the bucket of its path or of its host name, and whether it names an object.
struct BucketAddress: Equatable {
    var bucket: String
    var hasKey: Bool
    /// Whether the host name is that of a bucket's website.
    var isWebsite = false

    /// Nil when the request names no bucket.
    init?(_ request: WireRequest) {
        let parts = request.path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true)
        if let (bucket, isWebsite) = request.headers["Host"].flatMap(Self.bucket(ofHost:)) {
            self.bucket = bucket
            self.isWebsite = isWebsite
            // The gateway puts the bucket into the path of what it knows as an operation.
            let isAddressed = !isWebsite && parts.first.flatMap { PercentCoding.decode($0) } == bucket
            hasKey = parts.count > (isAddressed ? 1 : 0)
            return
        }
        guard let first = parts.first, let bucket = PercentCoding.decode(first) else { return nil }
        self.bucket = bucket
        hasKey = parts.count > 1
    }

    /// `bucket.s3.…`, `bucket.s3-website.…` or `bucket.s3-website-REGION.…`; the bucket's name may hold dots.
    private static func bucket(ofHost host: String) -> (bucket: String, isWebsite: Bool)? {
        let labels = host.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard let service = labels.dropFirst().firstIndex(where: { $0 == "s3" || isWebsite($0) }) else { return nil }
        return (labels[..<service].joined(separator: "."), isWebsite(labels[service]))
    }

    private static func isWebsite(_ label: Substring) -> Bool {
        label == "s3-website" || label.hasPrefix("s3-website-")
    }
}
