import AWSModels
import Core
import Objects
import Wire

// Configurations that are checked, kept and given back.
extension S3Provider {
    // MARK: Cross-origin requests

    public func getBucketCors(
        _ input: S3.GetBucketCorsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketCorsOutput {
        try await answer {
            let stored: S3.CORSConfiguration = try await stored(
                .cors, input.bucket, input.expectedBucketOwner, "NoSuchCORSConfiguration",
                "The CORS configuration does not exist")
            return S3.GetBucketCorsOutput { $0.corsRules = stored.corsRules }
        }
    }

    public func putBucketCors(_ input: S3.PutBucketCorsRequest, _ context: RequestContext) async throws(AWSError) {
        try await answer {
            let rules = input.corsConfiguration.corsRules
            guard !rules.isEmpty, rules.count <= 100 else { throw AWSError.malformedXML() }
            for rule in rules {
                guard !rule.allowedMethods.isEmpty, !rule.allowedOrigins.isEmpty else { throw AWSError.malformedXML() }
                for method in rule.allowedMethods where !["GET", "PUT", "POST", "DELETE", "HEAD"].contains(method) {
                    throw AWSError.invalidRequest(
                        "Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
                }
            }
            let text = RecordDocument.text(input.corsConfiguration)
            try await keep(.cors, text, input.bucket, input.expectedBucketOwner)
        }
    }

    public func deleteBucketCors(_ input: S3.DeleteBucketCorsRequest, _ context: RequestContext) async throws(AWSError)
    {
        try await answer { try await keep(.cors, nil, input.bucket, input.expectedBucketOwner) }
    }

    // MARK: Website

    public func getBucketWebsite(
        _ input: S3.GetBucketWebsiteRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketWebsiteOutput {
        try await answer {
            let stored: S3.WebsiteConfiguration = try await stored(
                .website, input.bucket, input.expectedBucketOwner, "NoSuchWebsiteConfiguration",
                "The specified bucket does not have a website configuration")
            return S3.GetBucketWebsiteOutput {
                $0.indexDocument = stored.indexDocument
                $0.errorDocument = stored.errorDocument
                $0.redirectAllRequestsTo = stored.redirectAllRequestsTo
                $0.routingRules = stored.routingRules
            }
        }
    }

    public func putBucketWebsite(_ input: S3.PutBucketWebsiteRequest, _ context: RequestContext) async throws(AWSError)
    {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            try Self.check(input.websiteConfiguration)
            try await store.setDocument(.website, RecordDocument.text(input.websiteConfiguration), of: input.bucket)
        }
    }

    private static func check(_ website: S3.WebsiteConfiguration) throws {
        if let all = website.redirectAllRequestsTo {
            guard website.indexDocument == nil, website.errorDocument == nil, website.routingRules == nil else {
                throw AWSError.invalidArgument(
                    "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                    "RedirectAllRequestsTo", "not null")
            }
            if let name = all.protocol?.rawValue, name != "http", name != "https" {
                throw AWSError.invalidRequest(
                    "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically."
                )
            }
            return
        }
        guard let index = website.indexDocument else {
            throw AWSError.invalidArgument(
                "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty", "IndexDocument",
                "null")
        }
        guard !index.suffix.isEmpty, !index.suffix.contains("/") else {
            throw AWSError.invalidArgument(
                "The IndexDocument Suffix is not well formed", "IndexDocument", index.suffix)
        }
        if let error = website.errorDocument, error.key.isEmpty {
            throw AWSError.invalidArgument("The ErrorDocument Key is not well formed", "ErrorDocument", error.key)
        }
        if let rules = website.routingRules {
            guard !rules.isEmpty else { throw AWSError.malformedXML() }
            for rule in rules { try check(rule) }
        }
    }

    private static func check(_ rule: S3.RoutingRule) throws {
        let redirect = rule.redirect
        if redirect.replaceKeyPrefixWith != nil, redirect.replaceKeyWith != nil {
            throw AWSError.invalidRequest(
                "You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
        }
        if let condition = rule.condition, condition.keyPrefixEquals == nil,
            condition.httpErrorCodeReturnedEquals == nil
        {
            throw AWSError.invalidRequest(
                "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present."
            )
        }
        if let name = redirect.protocol?.rawValue, name != "http", name != "https" {
            throw AWSError.invalidRequest(
                "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically."
            )
        }
        if let code = redirect.httpRedirectCode, Int(code).map({ !(301...399).contains($0) }) ?? true {
            throw AWSError.invalidRequest(
                "The provided HTTP redirect code (\(code)) is not valid. Valid codes are 3XX except 300.")
        }
    }

    public func deleteBucketWebsite(
        _ input: S3.DeleteBucketWebsiteRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await keep(.website, nil, input.bucket, input.expectedBucketOwner) }
    }

    // MARK: Logging

    public func getBucketLogging(
        _ input: S3.GetBucketLoggingRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketLoggingOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let stored: S3.LoggingEnabled? = RecordDocument.read(
                try await store.document(.logging, of: input.bucket))
            return S3.GetBucketLoggingOutput { $0.loggingEnabled = stored }
        }
    }

    public func putBucketLogging(_ input: S3.PutBucketLoggingRequest, _ context: RequestContext) async throws(AWSError)
    {
        try await answer {
            let source = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard let logging = input.bucketLoggingStatus.loggingEnabled else {
                return try await store.setDocument(.logging, nil, of: input.bucket)
            }
            guard let target = try? store.bucket(logging.targetBucket) else {
                throw AWSError(
                    "InvalidTargetBucketForLogging", "The target bucket for logging does not exist", status: 400
                ).with("TargetBucket", .string(logging.targetBucket))
            }
            guard target.scope.region == source.scope.region else {
                var error = AWSError(
                    "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", status: 403)
                if source.scope.region != "us-east-1" {
                    error = error.with("SourceBucketLocation", .string(source.scope.region))
                }
                throw error.with("TargetBucketLocation", .string(target.scope.region))
            }
            try await store.setDocument(.logging, RecordDocument.text(logging), of: input.bucket)
        }
    }

    // MARK: Replication

    public func getBucketReplication(
        _ input: S3.GetBucketReplicationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketReplicationOutput {
        try await answer {
            let stored: S3.ReplicationConfiguration = try await stored(
                .replication, input.bucket, input.expectedBucketOwner, "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found")
            return S3.GetBucketReplicationOutput { $0.replicationConfiguration = stored }
        }
    }

    public func putBucketReplication(
        _ input: S3.PutBucketReplicationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let source = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard source.versioning == .enabled else {
                throw AWSError.invalidRequest(
                    "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
            }
            var configuration = input.replicationConfiguration
            guard !configuration.rules.isEmpty else { throw AWSError.malformedXML() }
            for rule in configuration.rules {
                let name = rule.destination.bucket.split(separator: ":").last.map(String.init) ?? ""
                guard let target = try? store.bucket(name), target.versioning == .enabled else {
                    throw AWSError.invalidRequest("Destination bucket must have versioning enabled.")
                }
            }
            configuration.rules = configuration.rules.map { rule in
                var rule = rule
                if rule.id == nil { rule.id = Self.shortID(random) }
                return rule
            }
            try await store.setDocument(.replication, RecordDocument.text(configuration), of: input.bucket)
        }
    }

    public func deleteBucketReplication(
        _ input: S3.DeleteBucketReplicationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await keep(.replication, nil, input.bucket, input.expectedBucketOwner) }
    }

    /// An identifier for a rule that was given none.
    static func shortID(_ random: any RandomSource) -> String {
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: random.nextUInt64()) { Array($0) } }
        let letters = Base64.encode(bytes).filter { $0.isLetter || $0.isNumber }
        return String(letters.prefix(48))
    }

    // MARK: Small ones

    public func getBucketAccelerateConfiguration(
        _ input: S3.GetBucketAccelerateConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketAccelerateConfigurationOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let status = try await store.document(.accelerate, of: input.bucket)
            return S3.GetBucketAccelerateConfigurationOutput {
                $0.status = status.map { S3.BucketAccelerateStatus(rawValue: $0) }
            }
        }
    }

    public func putBucketAccelerateConfiguration(
        _ input: S3.PutBucketAccelerateConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            guard !input.bucket.contains(".") else {
                throw AWSError.invalidRequest(
                    "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
            }
            guard let status = input.accelerateConfiguration.status?.rawValue,
                ["Enabled", "Suspended"].contains(status)
            else { throw AWSError.malformedXML() }
            try await keep(.accelerate, status, input.bucket, input.expectedBucketOwner)
        }
    }

    public func getBucketRequestPayment(
        _ input: S3.GetBucketRequestPaymentRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketRequestPaymentOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let payer = try await store.document(.requestPayment, of: input.bucket)
            return S3.GetBucketRequestPaymentOutput { $0.payer = S3.Payer(rawValue: payer ?? "BucketOwner") }
        }
    }

    public func putBucketRequestPayment(
        _ input: S3.PutBucketRequestPaymentRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let payer = input.requestPaymentConfiguration.payer.rawValue
            guard ["BucketOwner", "Requester"].contains(payer) else { throw AWSError.malformedXML() }
            try await keep(.requestPayment, payer, input.bucket, input.expectedBucketOwner)
        }
    }
}
