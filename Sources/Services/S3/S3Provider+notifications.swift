import AWSModels
import Core
import Objects
import Storage
import Wire

extension S3Provider {
    public func getBucketNotificationConfiguration(
        _ input: S3.GetBucketNotificationConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.NotificationConfiguration {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            return RecordDocument.read(try await store.document(.notification, of: input.bucket))
                ?? S3.NotificationConfiguration()
        }
    }

    public func putBucketNotificationConfiguration(
        _ input: S3.PutBucketNotificationConfigurationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let json = JSON.object(RecordDocument.json(input.notificationConfiguration.record))
            let random = random
            let configuration = try Objects.NotificationConfiguration(json) { Self.shortID(random) }
            if input.skipDestinationValidation != true { try await validate(configuration) }
            let text = configuration.json.text()
            let isEmpty = configuration.destinations.isEmpty && !configuration.sendsToEventBridge
            let tested = input.skipDestinationValidation == true ? [] : configuration.destinations
            try await store.setDocument(.notification, isEmpty ? nil : text, of: input.bucket)
            try await test(tested, bucket, context)
        }
    }

    /// All destinations that are missing are named at once.
    private func validate(_ configuration: Objects.NotificationConfiguration) async throws {
        var missing: [(arn: String, message: String)] = []
        for destination in configuration.destinations {
            guard !(await environment.destinationExists(destination.arn)) else { continue }
            let arn = destination.arn.description
            missing.append((destination.kind == .function ? "\(arn), null" : arn, Self.absence(of: destination)))
        }
        guard !missing.isEmpty else { return }
        var error = AWSError(
            "InvalidArgument", "Unable to validate the following destination configurations", status: 400)
        for (position, each) in missing.enumerated() {
            error = error.with("ArgumentName\(position + 1)", .string(each.arn))
            error = error.with("ArgumentValue\(position + 1)", .string(each.message))
        }
        throw error
    }

    private static func absence(of destination: Objects.NotificationConfiguration.Destination) -> String {
        switch destination.kind {
        case .queue: "The destination queue does not exist"
        case .topic: "The destination topic does not exist"
        case .function: "Not authorized to invoke function [\(destination.arn)]"
        }
    }

    /// Topics and queues are tried out with a message of their own.
    private func test(
        _ destinations: [Objects.NotificationConfiguration.Destination], _ bucket: Bucket, _ context: RequestContext
    ) async throws {
        let arns = destinations.filter { $0.kind != .function }.map(\.arn)
        guard !arns.isEmpty else { return }
        let event: JSON = [
            "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": .string(clock.now.description),
            "Bucket": .string(bucket.name), "RequestId": .string(context.requestID),
            "HostId": .string(Base64.encode(Digest.sha256(Array(context.requestID.utf8)))),
        ]
        let send = environment.sendTestEvent
        try await database.write { transaction in
            for arn in arns { try send(arn, event, transaction) }
        }
    }
}
