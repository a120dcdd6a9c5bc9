public import Core
public import Workflows

extension TaskIntegrationTable {
    /// The integrations of this host.
    ///
    /// - Parameters:
    ///   - services: what tasks call; may be filled later.
    ///   - functions: what tasks on functions call.
    public init(
        services: InProcessServices, functions: FunctionInvoker, clock: any HostClock, endpoint: String,
        random: any RandomSource = SystemRandomSource()
    ) {
        self.init()
        let calls = AWSServiceIntegration(services, clock: clock, random: random, endpoint: endpoint)
        register(LambdaIntegration(functions, services: calls, clock: clock, random: random), service: "lambda")
        register(calls, service: "aws-sdk")
        for service in ["batch", "dynamodb", "ecs", "events", "glue", "s3", "sns", "sqs", "states"] {
            register(calls, service: service)
        }
    }
}
