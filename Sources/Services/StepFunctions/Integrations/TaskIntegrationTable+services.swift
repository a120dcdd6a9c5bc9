public import Core
public import Workflows

extension TaskIntegrationTable {
    /// The integrations of this host.
    ///
    /// - Parameters:
    ///   - services: what tasks call; may be filled later.
    ///   - functions: what tasks on functions call.
    ///   - http: for tasks on services on the web, with the connections of the buses.
    public init(
        services: InProcessServices, functions: FunctionInvoker, http: HTTPTaskIntegration, clock: any HostClock,
        endpoint: String,
        random: any RandomSource = SystemRandomSource()
    ) {
        self.init()
        let calls = AWSServiceIntegration(services, clock: clock, random: random, endpoint: endpoint)
        register(LambdaIntegration(functions, services: calls, clock: clock, random: random), service: "lambda")
        register(calls, service: "aws-sdk")
        register(http, service: "http")
        for service in ["batch", "dynamodb", "ecs", "events", "glue", "s3", "sns", "sqs", "states"] {
            register(calls, service: service)
        }
    }
}
