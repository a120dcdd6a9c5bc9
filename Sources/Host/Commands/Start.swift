import ArgumentParser
import AWSModels
import Core
import Wire

struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start an execution of a workflow.",
        discussion: """
            With --follow the states are shown as they pass, and the exit code is 1 when the execution fails. Of an Express \
            workflow, which keeps no history, its end is shown.
            """)

    @Argument(help: "Name or ARN of the workflow.")
    var workflow: String

    @Argument(help: "The input as JSON, or '-' to read it from standard input. Default: {}.")
    var input: String?

    @Option(help: "Read the input from this file.", completion: .file())
    var file: String?

    @Option(help: "Name of the execution; a repeated start of the same name and input starts nothing new.")
    var name: String?

    @Flag(help: "Follow the execution to its end.")
    var follow = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let text = try text()
        let (workflow, name, follow, output) = (workflow, name, follow, connection.output)
        try await connection.withClient { client in
            let arn = ResourceNames.stateMachine(workflow, region: client.region)
            if follow {
                let type = try await client.call(StepFunctions.Operations.describeStateMachine) {
                    $0.stateMachineArn = arn
                }.type
                let follower = ExecutionFollower(client: client, output: output)
                if type.rawValue == "EXPRESS" { return try await follower.run(arn, input: text, name: name) }
            }
            let started = try await client.call(StepFunctions.Operations.startExecution) { request in
                request.stateMachineArn = arn
                request.input = text
                request.name = name
            }
            if follow {
                try await ExecutionFollower(client: client, output: output).follow(started.executionArn)
            } else if output.json {
                output.write([
                    "executionArn": .string(started.executionArn), "startDate": .string(started.startDate.description),
                ])
            } else {
                output.write(started.executionArn)
            }
        }
    }

    private func text() throws -> String {
        if let file { return String(decoding: try Input.file(file), as: UTF8.self) }
        if input == "-" { return String(decoding: try Input.standardInput(), as: UTF8.self) }
        return input ?? "{}"
    }
}

/// ARNs of what people call by name.
enum ResourceNames {
    static let account = ConnectionOptions.environment("AWS_ACCOUNT_ID") ?? "000000000000"

    static func stateMachine(_ name: String, region: String) -> String {
        name.hasPrefix("arn:") ? name : "arn:aws:states:\(region):\(account):stateMachine:\(name)"
    }

    static func topic(_ name: String, region: String) -> String {
        name.hasPrefix("arn:") ? name : "arn:aws:sns:\(region):\(account):\(name)"
    }

    static func execution(_ name: String, region: String) -> String {
        if name.hasPrefix("arn:") { return name }
        let parts = name.split(separator: "/", maxSplits: 1).joined(separator: ":")
        return "arn:aws:states:\(region):\(account):execution:\(parts)"
    }
}
