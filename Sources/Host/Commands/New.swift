import ArgumentParser
import Core

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Add a function, trigger or workflow to a project.",
        subcommands: [NewFunction.self, NewTrigger.self, NewWorkflow.self])
}

struct ProjectOption: ParsableArguments {
    @Option(help: "The project directory.", completion: .directory)
    var directory = "."

    /// A name becomes part of a path, and of ARNs.
    func check(_ name: String) throws {
        let isPlain = name.utf8.allSatisfy {
            ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || (0x30...0x39) ~= $0 || $0 == 0x2D || $0 == 0x5F
        }
        guard isPlain, (1...64).contains(name.utf8.count) else {
            throw CommandFailure("'\(name)' is no name: use at most 64 letters, digits, '-' and '_'", exitCode: .usage)
        }
    }

    /// Writes the files, none of which may exist.
    func write(_ files: [(path: String, text: String, isExecutable: Bool)], output: Output) throws {
        for file in files where File.exists("\(directory)/\(file.path)") {
            throw CommandFailure("\(file.path) exists already")
        }
        for file in files {
            let path = "\(directory)/\(file.path)"
            do {
                try Directory.create(String(path[..<path.lastIndex(of: "/")!]))
                try File.write(Array(file.text.utf8), to: path, permissions: file.isExecutable ? 0o755 : 0o644)
            } catch {
                throw CommandFailure("\(file.path) \(error.reason)")
            }
            output.write(file.path)
        }
    }
}

struct NewFunction: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "function", abstract: "Add a function that works, to begin with.")

    @Argument(help: "Name of the function.")
    var name: String

    @Option(help: "The language to begin with.")
    var language: Language = .python

    @OptionGroup var project: ProjectOption

    enum Language: String, ExpressibleByArgument, CaseIterable {
        case python, node, shell, c, swift

        /// What builds it, in a makefile; nil for what runs as it is written.
        var compiler: String? {
            switch self {
            case .c: "$(CC) -O2 -Wall"
            case .swift: "swiftc -O -static-stdlib -Xlinker -s"
            case .python, .node, .shell: nil
            }
        }
    }

    func run() throws {
        try project.check(name)
        let folder = "functions/\(name)"
        let code: (file: String, runtime: String, handler: String, text: String)
        switch language {
        case .python:
            code = (
                "app.py", "python3.12", "app.handler",
                "def handler(event, context):\n    return {\"hello\": event.get(\"name\", \"world\")}\n"
            )
        case .node:
            code = (
                "index.mjs", "nodejs20.x", "index.handler",
                "export async function handler(event) {\n  return { hello: event.name ?? \"world\" };\n}\n"
            )
        case .shell:
            code = (
                "run.sh", "exec", "run.sh",
                "#!/bin/sh\n# The event is on standard input, the answer goes to standard output.\n"
                    + "cat > /dev/null\nprintf '{\"hello\": \"world\"}'\n"
            )
        case .c:
            code = (
                "main.c", "exec", name,
                """
                #include <stdio.h>

                /* The event is on standard input, the answer goes to standard output. */
                int main(void) {
                    char buffer[4096];
                    while (fread(buffer, 1, sizeof buffer, stdin) > 0) {}
                    printf("{\\"hello\\": \\"world\\"}");
                    return 0;
                }

                """
            )
        case .swift:
            code = (
                "main.swift", "exec", name,
                """
                import Foundation

                struct Event: Decodable {
                    var name: String?
                }

                // The event is on standard input, the answer goes to standard output.
                let event = try JSONDecoder().decode(Event.self, from: FileHandle.standardInput.readDataToEndOfFile())
                let answer = ["hello": event.name ?? "world"]
                FileHandle.standardOutput.write(try JSONEncoder().encode(answer))

                """
            )
        }
        var manifest = "Runtime: \(code.runtime)\nHandler: \(code.handler)\nMemorySize: 128\nTimeout: 10\n"
        var files = [("\(folder)/\(code.file)", code.text, language == .shell)]
        if let compiler = language.compiler {
            manifest += "Metadata:\n  BuildMethod: makefile\n"
            let rule = "build-\(name):\n\t\(compiler) -o $(ARTIFACTS_DIR)/\(code.handler) \(code.file)\n"
            files.append(("\(folder)/Makefile", rule, false))
        }
        try project.write([("\(folder)/function.yaml", manifest, false)] + files, output: Output(json: false))
    }
}

struct NewTrigger: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Add a trigger for a function or workflow.")

    @Argument(help: "Name of the trigger.")
    var name: String

    @Option(help: "drop, timer, webhook, topic, queue or event.")
    var type: Kind

    @Option(help: "Function to call.")
    var function: String?

    @Option(help: "Workflow to start.")
    var workflow: String?

    @OptionGroup var project: ProjectOption

    enum Kind: String, ExpressibleByArgument, CaseIterable { case drop, timer, webhook, topic, queue, event }

    func run() throws {
        try project.check(name)
        guard (function == nil) != (workflow == nil) else {
            throw CommandFailure("name one target: --function or --workflow", exitCode: .usage)
        }
        let source: String
        switch type {
        case .drop: source = "Type: S3\nProperties:\n  Bucket: inbox\n  Events: s3:ObjectCreated:*\n"
        case .timer: source = "Type: ScheduleV2\nProperties:\n  ScheduleExpression: rate(5 minutes)\n"
        case .webhook: source = "Type: HttpApi\nProperties:\n  Path: /hooks/\(name)\n  Method: POST\n"
        case .topic: source = "Type: SNS\nProperties:\n  Topic: \(name)\n"
        case .queue: source = "Type: SQS\nProperties:\n  Queue: \(name)\n  BatchSize: 10\n"
        case .event: source = "Type: EventBridgeRule\nProperties:\n  Pattern:\n    source: [my.application]\n"
        }
        let target = function.map { "Function: \($0)" } ?? "Workflow: \(workflow ?? "")"
        try project.write(
            [("triggers/\(name).yaml", "\(source)Target:\n  \(target)\n", false)], output: Output(json: false))
    }
}

struct NewWorkflow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow", abstract: "Add a workflow of one state, to begin with.")

    @Argument(help: "Name of the workflow.")
    var name: String

    @OptionGroup var project: ProjectOption

    func run() throws {
        try project.check(name)
        let definition: JSON = [
            "Comment": .string(name), "StartAt": "Begin",
            "States": ["Begin": ["Type": "Pass", "End": true]],
        ]
        try project.write(
            [("workflows/\(name).asl.json", definition.text(.pretty) + "\n", false)], output: Output(json: false))
    }
}
