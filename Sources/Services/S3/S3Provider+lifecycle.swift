import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    public func getBucketLifecycleConfiguration(
        _ input: S3.GetBucketLifecycleConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketLifecycleConfigurationOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard let lifecycle = LifecycleRules(try await store.document(.lifecycle, of: input.bucket)) else {
                throw AWSError.notConfigured(
                    "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", input.bucket)
            }
            return S3.GetBucketLifecycleConfigurationOutput {
                $0.rules = lifecycle.rules
                $0.transitionDefaultMinimumObjectSize = S3.TransitionDefaultMinimumObjectSize(
                    rawValue: lifecycle.minimumSize ?? LifecycleRules.standardMinimumSize)
            }
        }
    }

    public func putBucketLifecycleConfiguration(
        _ input: S3.PutBucketLifecycleConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutBucketLifecycleConfigurationOutput {
        try await answer {
            let lifecycle = try LifecycleRules(input, random: random)
            try await keep(.lifecycle, lifecycle.text, input.bucket, input.expectedBucketOwner)
            return S3.PutBucketLifecycleConfigurationOutput {
                $0.transitionDefaultMinimumObjectSize = S3.TransitionDefaultMinimumObjectSize(
                    rawValue: lifecycle.minimumSize ?? LifecycleRules.standardMinimumSize)
            }
        }
    }

    public func deleteBucketLifecycle(
        _ input: S3.DeleteBucketLifecycleRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await keep(.lifecycle, nil, input.bucket, input.expectedBucketOwner) }
    }

    /// When the object expires, as a header tells it.
    func expiration(of version: ObjectVersion) async throws -> String? {
        LifecycleRules(try await store.document(.lifecycle, of: version.bucket))?.header(for: version)
    }
}
