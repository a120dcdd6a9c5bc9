import AWSModels
import Core
import Wire

extension Lambda.CreateEventSourceMappingRequest {
    /// The queue that the request names; other kinds of sources are refused in words.
    func queue() throws(AWSError) -> String {
        guard let text = eventSourceArn else {
            guard selfManagedEventSource != nil else { throw Self.unrecognized }
            guard sourceAccessConfigurations != nil else {
                throw LambdaError.invalidParameter("Required 'sourceAccessConfigurations' parameter is missing.")
            }
            throw Self.unsupported("Self-managed Apache Kafka")
        }
        guard let arn = ARN(text) else { throw Self.unrecognized }
        switch arn.service {
        case "sqs":
            try checkSuitsQueue()
            return text
        case "dynamodb", "kinesis": throw try refusal(ofStream: arn)
        case "kafka": throw Self.unsupported("Amazon MSK")
        case "mq": throw Self.unsupported("Amazon MQ")
        case "rds": throw Self.unsupported("Amazon DocumentDB")
        default: throw Self.unrecognized
        }
    }

    /// What only the request that creates a mapping can ask for.
    private func checkSuitsQueue() throws(AWSError) {
        guard startingPosition == nil, startingPositionTimestamp == nil else {
            throw LambdaError.invalidParameter("StartingPosition is not valid for SQS event sources.")
        }
        for (name, values) in [("Topics", topics), ("Queues", queues)] where values?.isEmpty == false {
            throw LambdaError.unsupportedMappingParameter(name)
        }
    }

    /// No stream exists on a host without those services: what is wrong with the request itself comes first.
    private func refusal(ofStream arn: ARN) throws(AWSError) -> AWSError {
        guard let startingPosition else {
            throw LambdaError.invalidParameter(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                    + "Member must not be null.")
        }
        guard arn.service == "kinesis" || startingPosition != .atTimestamp else {
            throw LambdaError.invalidParameter("Unsupported starting position for arn type: \(arn)")
        }
        return LambdaError.invalidParameter("Stream not found: \(arn)")
    }

    private static let unrecognized = LambdaError.invalidParameter("Unrecognized event source.")

    private static func unsupported(_ kind: String) -> AWSError {
        LambdaError.invalidParameter(
            "\(kind) event sources are not supported by this host: only Amazon SQS queues are.")
    }
}
