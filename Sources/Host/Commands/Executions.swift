import ArgumentParser
import AWSModels
import Core
import Wire

struct Executions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "executions", abstract: "List, show, follow and stop executions of workflows.",
        subcommands: [ListExecutions.self, ShowExecution.self, FollowExecution.self, StopExecution.self],
        defaultSubcommand: ListExecutions.self)
}

struct ListExecutions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the executions of a workflow, or of all of them, newest first.")

    @Argument(help: "Name or ARN of the workflow. Default: all.")
    var workflow: String?

    @Option(help: "Only those: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.")
    var status: String?

    @Option(help: "At most so many of a workflow.")
    var limit = 20

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (workflow, status, limit, output) = (workflow, status, limit, connection.output)
        let found = try await connection.withClient { client in
            try await Self.executions(client, workflow, status, limit)
        }
        if output.json { return output.write(.array(found.map(Self.json))) }
        guard !found.isEmpty else { return output.note("There are no executions.") }
        var table = Table(("WORKFLOW", .left), ("NAME", .left), ("STATUS", .left), ("STARTED", .left), ("TIME", .right))
        for item in found {
            let time = item.stopDate.map { Readable.duration(milliseconds: $0.milliseconds(since: item.startDate)) }
            table.add(
                String(item.stateMachineArn.split(separator: ":").last ?? ""), item.name,
                ExecutionPicture.coloured(item.status.rawValue, output.style), item.startDate.description, time ?? "…")
        }
        output.write(table.text(output.style))
    }

    private static func executions(
        _ client: AWSClient, _ workflow: String?, _ status: String?, _ limit: Int
    ) async throws -> [StepFunctions.ExecutionListItem] {
        var machines: [String] = []
        if let workflow {
            machines = [ResourceNames.stateMachine(workflow, region: client.region)]
        } else {
            let all = try await client.call(StepFunctions.Operations.listStateMachines) { $0.maxResults = 1000 }
            machines = all.stateMachines.filter { $0.type.rawValue == "STANDARD" }.map(\.stateMachineArn)
        }
        var found: [StepFunctions.ExecutionListItem] = []
        for machine in machines {
            let page = try await client.call(StepFunctions.Operations.listExecutions) { request in
                request.stateMachineArn = machine
                request.maxResults = limit
                if let status { request.statusFilter = StepFunctions.ExecutionStatus(rawValue: status.uppercased()) }
            }
            found += page.executions
        }
        return found.sorted { $0.startDate > $1.startDate }
    }

    private static func json(_ item: StepFunctions.ExecutionListItem) -> JSON {
        var object: JSONObject = [
            "executionArn": .string(item.executionArn), "name": .string(item.name),
            "status": .string(item.status.rawValue), "startDate": .string(item.startDate.description),
        ]
        if let stop = item.stopDate { object["stopDate"] = .string(stop.description) }
        return .object(object)
    }
}

struct ShowExecution: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an execution state by state, with its result and its cost.")

    @Argument(help: "ARN of the execution, or WORKFLOW/NAME.")
    var execution: String

    @Flag(help: "Show the events of the history instead.")
    var events = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (execution, events, output) = (execution, events, connection.output)
        try await connection.withClient { client in
            let arn = ResourceNames.execution(execution, region: client.region)
            try await ExecutionFollower(client: client, output: output).show(arn, events: events)
        }
    }
}

struct FollowExecution: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Follow an execution to its end.",
        discussion: "The exit code is 1 when the execution fails.")

    @Argument(help: "ARN of the execution, or WORKFLOW/NAME.")
    var execution: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (execution, output) = (execution, connection.output)
        try await connection.withClient { client in
            let arn = ResourceNames.execution(execution, region: client.region)
            try await ExecutionFollower(client: client, output: output).follow(arn)
        }
    }
}

struct StopExecution: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop an execution.")

    @Argument(help: "ARN of the execution, or WORKFLOW/NAME.")
    var execution: String

    @Option(help: "The error that the execution ends with.")
    var error: String?

    @Option(help: "The cause in words.")
    var cause: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (execution, error, cause, output) = (execution, error, cause, connection.output)
        try await connection.withClient { client in
            let stopped = try await client.call(StepFunctions.Operations.stopExecution) { request in
                request.executionArn = ResourceNames.execution(execution, region: client.region)
                request.error = error
                request.cause = cause
            }
            if output.json { output.write(["stopDate": .string(stopped.stopDate.description)]) }
        }
    }
}
