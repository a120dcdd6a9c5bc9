import AWSModels
import Core
import Objects
import Wire

/// What a bucket's policy says. It opens websites to everybody, and else nothing is refused because of it.
extension S3Provider {
    public func getBucketPolicy(
        _ input: S3.GetBucketPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketPolicyOutput {
        try await answer {
            let text = try await policy(of: input.bucket, owner: input.expectedBucketOwner)
            return S3.GetBucketPolicyOutput { $0.policy = text }
        }
    }

    public func putBucketPolicy(_ input: S3.PutBucketPolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await answer {
            try checkOwnerText(input.expectedBucketOwner)
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard input.policy.utf8.first == UInt8(ascii: "{") else {
                throw AWSError(
                    "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'", status: 400)
            }
            guard let json = try? JSON(parsing: input.policy), json.objectValue != nil else {
                throw AWSError("MalformedPolicy", "This policy contains invalid Json", status: 400)
            }
            guard let statements = json["Statement"], !(statements.arrayValue?.isEmpty ?? false) else {
                throw AWSError("MalformedPolicy", "Missing required field Statement", status: 400)
            }
            try await store.setDocument(.policy, input.policy, of: input.bucket)
        }
    }

    public func deleteBucketPolicy(
        _ input: S3.DeleteBucketPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try checkOwnerText(input.expectedBucketOwner)
            try await keep(.policy, nil, input.bucket, input.expectedBucketOwner)
        }
    }

    private func checkOwnerText(_ owner: String?) throws {
        guard let owner, owner.utf8.count != 12 || !owner.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return
        }
        throw AWSError(
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS Account ID... [\(owner)]", status: 400)
    }

    public func getBucketPolicyStatus(
        _ input: S3.GetBucketPolicyStatusRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketPolicyStatusOutput {
        try await answer {
            let text = try await policy(of: input.bucket, owner: input.expectedBucketOwner)
            let policy = PublicPolicy(try JSON(parsing: text))
            return S3.GetBucketPolicyStatusOutput {
                $0.policyStatus = S3.PolicyStatus { $0.isPublic = policy.isPublic }
            }
        }
    }

    private func policy(of name: String, owner: String?) async throws -> String {
        try checkOwnerText(owner)
        _ = try bucket(name, owner: owner)
        guard let text = try await store.document(.policy, of: name) else {
            throw AWSError.notConfigured("NoSuchBucketPolicy", "The bucket policy does not exist", name)
        }
        return text
    }
}
