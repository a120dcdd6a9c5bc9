import AWSModels
import Core
import Logs
import Wire
import Workflows

/// The log groups that machines are told to log to.
extension StepFunctionsProvider {
    struct LogDestination: Sendable {
        let group: String
        let scope: Scope
    }

    static func logging(_ machine: StateMachineRecord) -> StepFunctions.LoggingConfiguration {
        var logging: StepFunctions.LoggingConfiguration =
            shape(machine.settings["loggingConfiguration"]) ?? StepFunctions.LoggingConfiguration()
        logging.level = logging.level ?? "OFF"
        logging.includeExecutionData = logging.includeExecutionData ?? false
        return logging
    }

    /// The log group of the configuration, which must be there. Nil when there is none, or when it is not to be checked.
    func logDestination(
        _ configuration: StepFunctions.LoggingConfiguration?
    ) async throws(AWSError) -> LogDestination? {
        guard let logs, let destinations = configuration?.destinations, destinations.count == 1,
            let text = destinations.first?.cloudWatchLogsLogGroup?.logGroupArn, let arn = ARN(text)
        else { return nil }
        let parts = arn.resource.split(separator: ":", omittingEmptySubsequences: false)
        let scope = Scope(account: arn.account, region: arn.region)
        guard parts.count >= 2, parts[0] == "log-group", (try? await logs.group(String(parts[1]), scope)) != nil else {
            throw AWSError(
                "InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination not found.", status: 400)
        }
        return LogDestination(group: String(parts[1]), scope: scope)
    }

    /// A group gets a first stream when a machine is to log there, by which AWS sees whether it may.
    func beginLogging(to destination: LogDestination) async {
        guard let logs, let streams = try? await logs.streams(of: destination.group, destination.scope) else { return }
        guard !streams.contains(where: { $0.name == Self.validationStream }) else { return }
        let record = LogRecord(
            time: engine.clock.now,
            message:
                "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating "
                + "a subscription.")
        logs.append(
            [record], to: destination.group, stream: Self.validationStream, scope: destination.scope,
            createsGroup: false)
    }

    private static let validationStream = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"
}
