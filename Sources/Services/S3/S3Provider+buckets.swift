import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    public func createBucket(
        _ input: S3.CreateBucketRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.CreateBucketOutput {
        try await answer {
            let region = try region(input, context)
            let scope = Scope(account: context.scope.account, region: region)
            try checkOwnership(input)
            let tags = input.createBucketConfiguration?.tags ?? []
            if !tags.isEmpty { try TagRules.check(tags, .newBucket) }
            do {
                try await store.createBucket(input.bucket, scope: scope)
            } catch let error as ObjectStoreError
                where error.code == "BucketAlreadyOwnedByYou" && region == "us-east-1"
                && context.scope.region == "us-east-1"
                && tags.isEmpty
            {
                // The oldest region answers as if it had made the bucket again.
                return S3.CreateBucketOutput {
                    $0.location = "/\(input.bucket)"
                    $0.bucketArn = "arn:aws:s3:::\(input.bucket)"
                }
            }
            try await setUp(input, scope, tags)
            return S3.CreateBucketOutput {
                $0.location =
                    region == "us-east-1" && context.scope.region == "us-east-1"
                    ? "/\(input.bucket)" : Self.address(of: input.bucket, context)
                $0.bucketArn = "arn:aws:s3:::\(input.bucket)"
            }
        }
    }

    /// `http://bucket.host/`
    private static func address(of bucket: String, _ context: RequestContext) -> String {
        let parts = context.endpoint.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count == 2 else { return "\(context.endpoint)/\(bucket)" }
        return "\(parts[0])//\(bucket).\(parts[1])/"
    }

    /// The region of a new bucket: the one that the request names, or that of the endpoint.
    private func region(_ input: S3.CreateBucketRequest, _ context: RequestContext) throws -> String {
        let own = context.scope.region
        guard let configuration = input.createBucketConfiguration else {
            guard own == "us-east-1" else { throw Self.illegalLocation("unspecified", own) }
            return own
        }
        guard let constraint = configuration.locationConstraint?.rawValue else {
            guard own == "us-east-1" else { throw Self.illegalLocation("unspecified", own) }
            return own
        }
        let region = constraint == Self.europe ? "eu-west-1" : constraint
        guard own == "us-east-1" || region == own else { throw Self.illegalLocation(constraint, own) }
        guard S3Regions.all.contains(constraint) else {
            throw AWSError(
                "InvalidLocationConstraint", "The specified location-constraint is not valid", status: 400
            ).with("LocationConstraint", .string(constraint))
        }
        return region
    }

    private static let europe = "EU"

    private static func illegalLocation(_ constraint: String, _ region: String) -> AWSError {
        AWSError(
            "IllegalLocationConstraintException",
            "The \(constraint) location constraint is incompatible for the region specific endpoint this request was sent to.",
            status: 400)
    }

    private func checkOwnership(_ input: S3.CreateBucketRequest) throws {
        if let ownership = input.objectOwnership {
            let known: [S3.ObjectOwnership] = [.bucketOwnerPreferred, .objectWriter, .bucketOwnerEnforced]
            guard known.contains(ownership) else {
                throw AWSError.invalidArgument(
                    "Invalid x-amz-object-ownership header: \(ownership.rawValue)", "x-amz-object-ownership")
            }
        }
        _ = try AccessControl.grants(
            canned: input.acl?.rawValue, headers: AccessControl.Headers(input), owner: "", isBucket: true)
    }

    /// Everything about a new bucket that is not its default.
    private func setUp(_ input: S3.CreateBucketRequest, _ scope: Scope, _ tags: [S3.Tag]) async throws {
        let name = input.bucket
        if let ownership = input.objectOwnership {
            try await store.setDocument(
                .ownershipControls, RecordDocument.text(Ownership.controls(ownership)), of: name)
        }
        let acl = try AccessControl.grants(
            canned: input.acl?.rawValue, headers: AccessControl.Headers(input), owner: scope.account, isBucket: true)
        if let acl { try await store.setDocument(.acl, RecordDocument.text(acl), of: name) }
        if input.objectLockEnabledForBucket == true {
            let lock = S3.ObjectLockConfiguration { $0.objectLockEnabled = .enabled }
            try await store.setDocument(.objectLock, RecordDocument.text(lock), of: name)
            try await store.setVersioning(.enabled, of: name)
        }
        // The old name of the first European region stays the name of its buckets.
        if input.createBucketConfiguration?.locationConstraint?.rawValue == Self.europe {
            try await store.setDocument(.location, Self.europe, of: name)
        }
        if !tags.isEmpty {
            try await store.setDocument(.tagging, RecordDocument.text(S3.Tagging { $0.tagSet = tags }), of: name)
        }
    }

    public func deleteBucket(_ input: S3.DeleteBucketRequest, _ context: RequestContext) async throws(AWSError) {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            do {
                try await store.deleteBucket(input.bucket)
            } catch let error as ObjectStoreError where error.code == "BucketNotEmpty" && bucket.versioning != .off {
                throw AWSError(
                    "BucketNotEmpty",
                    "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
                    status: 409
                ).with("BucketName", .string(input.bucket))
            }
        }
    }

    public func headBucket(
        _ input: S3.HeadBucketRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.HeadBucketOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            return S3.HeadBucketOutput {
                $0.bucketRegion = bucket.scope.region
                $0.bucketArn = bucket.arn
                $0.accessPointAlias = false
            }
        }
    }

    public func getBucketLocation(
        _ input: S3.GetBucketLocationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketLocationOutput {
        try await answer {
            let region = try bucket(input.bucket, owner: input.expectedBucketOwner).scope.region
            let own = try await store.document(.location, of: input.bucket)
            return S3.GetBucketLocationOutput {
                $0.locationConstraint = S3.BucketLocationConstraint(
                    rawValue: own ?? (region == "us-east-1" ? "" : region))
            }
        }
    }

    public func listBuckets(
        _ input: S3.ListBucketsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListBucketsOutput {
        try await answer {
            if let region = input.bucketRegion, region != "us-east-1", !S3Regions.all.contains(region) {
                throw AWSError.invalidArgument(
                    "Argument value \(region) is not a valid AWS Region", "bucket-region")
            }
            let limit = input.maxBuckets ?? 10_000
            guard (1...10_000).contains(limit) else {
                throw AWSError.invalidArgument(
                    "Argument max-buckets must be an integer between 1 and 10000", "max-buckets", String(limit))
            }
            var buckets = store.listBuckets(account: context.scope.account)
            if let region = input.bucketRegion { buckets.removeAll { $0.scope.region != region } }
            if let prefix = input.prefix { buckets.removeAll { !$0.name.hasPrefix(prefix) } }
            if let token = input.continuationToken, !token.isEmpty {
                guard let after = ListingToken.read(token) else {
                    throw AWSError.invalidArgument(
                        "The continuation token provided is incorrect", "continuation-token")
                }
                buckets.removeAll { $0.name <= after }
            }
            let page = buckets.prefix(limit)
            // The region is of interest to those who ask for something in particular.
            let isParticular =
                input.maxBuckets != nil || input.prefix != nil || input.bucketRegion != nil
                || input.continuationToken != nil
            return S3.ListBucketsOutput {
                $0.owner = CanonicalUser.owner(context.scope.account)
                $0.prefix = input.prefix
                $0.buckets = page.map { bucket in
                    S3.Bucket {
                        $0.name = bucket.name
                        $0.creationDate = bucket.created.wholeSecond
                        if isParticular { $0.bucketRegion = bucket.scope.region }
                        $0.bucketArn = bucket.arn
                    }
                }
                if page.count < buckets.count, let last = page.last {
                    $0.continuationToken = ListingToken.make(last.name)
                }
            }
        }
    }
}

extension Timestamp {
    /// S3 keeps no fractions of seconds.
    var wholeSecond: Timestamp { Timestamp(milliseconds: milliseconds / 1000 * 1000) }
}

/// Where a listing goes on, in a form that callers take for opaque.
enum ListingToken {
    static func make(_ name: String) -> String { Base64.encode(Array(name.utf8)) }

    static func read(_ token: String) -> String? {
        Base64.decode(token).flatMap { String(validating: $0, as: UTF8.self) }
    }
}

/// The regions that buckets may be in.
enum S3Regions {
    static let all: Set<String> = [
        "EU", "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
        "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1",
        "cn-northwest-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1",
        "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1",
        "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2",
    ]
}
