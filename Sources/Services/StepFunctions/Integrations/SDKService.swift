import Wire

/// How a service is called in workflow definitions and in the errors of its tasks.
///
/// Optimized integrations speak of services as AWS's SDK for Java 1 does, `aws-sdk` integrations as its SDK for Java 2.
struct SDKService: Sendable {
    enum Style: Sendable {
        /// `SNS.NotFoundException`: `… (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; …)`
        case optimized
        /// `S3.NoSuchKeyException`: `… (Service: S3, Status Code: 404, …)`
        case sdk
    }

    let style: Style
    /// The service's name in AWS's command line.
    let modelID: String
    /// What stands before the name of an error.
    let errorPrefix: String
    /// The service in the causes of errors.
    let serviceName: String
    /// The class of errors that the service's model does not have.
    let baseException: String

    /// - Parameter service: as in `arn:aws:states:::<service>:<action>`.
    static func optimized(_ service: String) -> SDKService {
        let known: (id: String, prefix: String, name: String) =
            switch service {
            case "batch": ("batch", "Batch", "AWSBatch")
            case "codebuild": ("codebuild", "CodeBuild", "AWSCodeBuild")
            case "dynamodb": ("dynamodb", "DynamoDB", "AmazonDynamoDBv2")
            case "ecs": ("ecs", "ECS", "AmazonECS")
            case "events": ("events", "EventBridge", "AmazonEventBridge")
            case "glue": ("glue", "Glue", "AWSGlue")
            case "lambda": ("lambda", "Lambda", "AWSLambda")
            case "s3": ("s3", "S3", "Amazon S3")
            case "sns": ("sns", "SNS", "AmazonSNS")
            case "sqs": ("sqs", "SQS", "AmazonSQS")
            case "states": ("stepfunctions", "StepFunctions", "AWSStepFunctions")
            default: (service, capitalized(service), "AWS" + capitalized(service))
            }
        let base = service == "dynamodb" ? "AmazonDynamoDB" : known.name.filter { $0 != " " }
        return SDKService(
            style: .optimized, modelID: known.id, errorPrefix: known.prefix, serviceName: known.name,
            baseException: base + "Exception")
    }

    /// - Parameter service: as in `arn:aws:states:::aws-sdk:<service>:<action>`, the name of the Java package.
    static func sdk(_ service: String) -> SDKService {
        let modelID =
            switch service {
            case "sfn": "stepfunctions"
            case "eventbridge": "events"
            case "cloudwatchlogs": "logs"
            case "costexplorer": "ce"
            default: service
            }
        let prefix =
            switch service {
            case "apigatewayv2": "ApiGatewayV2"
            case "cloudformation": "CloudFormation"
            case "cloudwatch": "CloudWatch"
            case "cloudwatchlogs": "CloudWatchLogs"
            case "costexplorer": "CostExplorer"
            case "dynamodb": "DynamoDb"
            case "eventbridge": "EventBridge"
            case "resourcegroupstaggingapi": "ResourceGroupsTaggingApi"
            case "secretsmanager": "SecretsManager"
            default: capitalized(service)
            }
        return SDKService(
            style: .sdk, modelID: modelID, errorPrefix: prefix, serviceName: prefix,
            baseException: prefix + "Exception")
    }

    /// What services answer though their models at AWS do not say so: no SDK has a class for it.
    private static let withoutClass: [String: Set<String>] = [
        "sqs": ["InvalidParameterValueException", "MissingRequiredParameterException"]
    ]

    /// `putItem` as operations are spelt: `PutItem`.
    static func capitalized(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }

    /// The class of an error: that of the model's shape, else the service's base class.
    func exceptionName(_ code: String, _ model: ServiceModel) -> String {
        if Self.withoutClass[modelID]?.contains(code) == true { return baseException }
        guard let shape = model.fault(code)?.name else { return baseException }
        if shape.hasSuffix("Exception") { return shape }
        return (shape.hasSuffix("Fault") ? String(shape.dropLast("Fault".count)) : shape) + "Exception"
    }
}
