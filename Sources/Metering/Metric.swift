/// What is counted. Every metric is counted in a whole number of base units, so that sums are exact; the price book
/// prices the ``unit`` that AWS's price list names.
public enum Metric: String, CaseIterable, Sendable {
    case lambdaRequests = "lambda.requests"
    case lambdaDurationX86 = "lambda.duration.x86_64"
    case lambdaDurationARM = "lambda.duration.arm64"
    case lambdaProvisionedX86 = "lambda.provisioned.x86_64"
    case lambdaProvisionedARM = "lambda.provisioned.arm64"
    case lambdaProvisionedDurationX86 = "lambda.provisioned-duration.x86_64"
    case lambdaProvisionedDurationARM = "lambda.provisioned-duration.arm64"
    case lambdaEphemeralStorage = "lambda.ephemeral-storage"
    case lambdaStreamed = "lambda.streamed"
    case stateTransitions = "states.transitions"
    case expressRequests = "states.express-requests"
    case expressDuration = "states.express-duration"
    case objectWrites = "s3.write-requests"
    case objectReads = "s3.read-requests"
    case objectStorage = "s3.storage"
    case topicRequests = "sns.requests"
    case topicFIFORequests = "sns.fifo-requests"
    case topicFIFOPayload = "sns.fifo-payload"
    case topicHTTPDeliveries = "sns.http-deliveries"
    case topicEmailDeliveries = "sns.email-deliveries"
    case topicQueueDeliveries = "sns.sqs-deliveries"
    case topicFunctionDeliveries = "sns.lambda-deliveries"
    case queueRequests = "sqs.requests"
    case queueFIFORequests = "sqs.fifo-requests"
    case customEvents = "events.custom-events"
    case apiDestinations = "events.api-destinations"
    case schedulerInvocations = "scheduler.invocations"
    case httpRequests = "apigateway.http-requests"
    case logsIngested = "logs.ingested"
    case logsLambdaIngested = "logs.lambda-ingested"
    case logsStorage = "logs.storage"

    /// What one price buys, and how many base units that is.
    public enum Unit: String, Sendable {
        /// Base unit: one.
        case count = "requests"
        /// Base unit: a megabyte (2^20) for a millisecond; 1,024,000 of them.
        case gigabyteSecond = "GB-seconds"
        /// Base unit: a megabyte (2^20) for a millisecond; 3,686,400,000 of them.
        case gigabyteHour = "GB-hours"
        /// Base unit: a byte; 2^30 of them.
        case gigabyte = "GB"
        /// Base unit: a byte for an hour; 2^30 times the hours of the calendar month.
        case gigabyteMonth = "GB-months"
    }

    public var unit: Unit {
        switch self {
        case .lambdaDurationX86, .lambdaDurationARM, .lambdaProvisionedX86, .lambdaProvisionedARM,
            .lambdaProvisionedDurationX86, .lambdaProvisionedDurationARM, .lambdaEphemeralStorage:
            .gigabyteSecond
        case .expressDuration: .gigabyteHour
        case .lambdaStreamed, .topicFIFOPayload, .logsIngested, .logsLambdaIngested: .gigabyte
        case .objectStorage, .logsStorage: .gigabyteMonth
        default: .count
        }
    }

    /// AWS's name of the service, as bills group it.
    public var service: String {
        switch rawValue.prefix(while: { $0 != "." }) {
        case "lambda": "Lambda"
        case "states": "Step Functions"
        case "s3": "S3"
        case "sns": "SNS"
        case "sqs": "SQS"
        case "events": "EventBridge"
        case "scheduler": "EventBridge Scheduler"
        case "apigateway": "API Gateway"
        default: "CloudWatch Logs"
        }
    }
}

extension Metric.Unit {
    /// Base units in one unit, in a month of so many days.
    public func size(daysInMonth: Int) -> Int64 {
        switch self {
        case .count: 1
        case .gigabyteSecond: 1_024_000
        case .gigabyteHour: 3_686_400_000
        case .gigabyte: 1 << 30
        case .gigabyteMonth: (1 << 30) * 24 * Int64(daysInMonth)
        }
    }
}
