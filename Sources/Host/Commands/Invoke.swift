import ArgumentParser
import AWSModels
import Core
import Glibc
import Wire

struct Invoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoke", abstract: "Invoke a function.",
        discussion: """
            The event is the second argument, a file (--file), or standard input ('-'). The answer goes to standard \
            output as it is. The exit code is 1 when the function fails.

              millrace invoke hello '{"name": "Ada"}'
              echo '{}' | millrace invoke hello -
            """)

    @Argument(help: "Name or ARN of the function; 'name:alias' for a version or alias.")
    var function: String

    @Argument(help: "The event as JSON, or '-' to read it from standard input. Default: {}.")
    var payload: String?

    @Option(help: "Read the event from this file.", completion: .file())
    var file: String?

    @Flag(name: .customLong("async"), help: "Hand the event over and return at once.")
    var isAsync = false

    @Flag(help: "Show the invocation's log on standard error.")
    var log = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let event = try event()
        let (function, isAsync, log) = (function, isAsync, log)
        let response = try await connection.withClient { client in
            try await client.call(Lambda.Operations.invoke) { input in
                input.functionName = function
                input.payload = Blob(event)
                if isAsync { input.invocationType = "Event" }
                if log, !isAsync { input.logType = "Tail" }
            }
        }
        let output = connection.output
        if isAsync {
            if output.json { output.write(["statusCode": JSON(Int(response.statusCode ?? 202))]) }
            return output.note("The event has been accepted.")
        }
        if let tail = response.logResult.flatMap(Core.Base64.decode) {
            output.note(String(decoding: tail, as: UTF8.self))
        }
        if let payload = response.payload?.bytes, !payload.isEmpty {
            output.write(payload)
            if isatty(STDOUT_FILENO) == 1 { output.write("") }
        }
        if let error = response.functionError {
            throw CommandFailure("the function failed (\(error)); its log says more: millrace logs \(function)")
        }
    }

    private func event() throws -> [UInt8] {
        if let file { return try Input.file(file) }
        switch payload {
        case nil: return Array("{}".utf8)
        case "-": return try Input.standardInput()
        case .some(let text): return Array(text.utf8)
        }
    }
}

/// What commands read.
enum Input {
    static func file(_ path: String) throws -> [UInt8] {
        do throws(FileError) {
            return try File.read(path, limit: 256 << 20)
        } catch {
            throw CommandFailure("\(path) \(error.reason)", exitCode: .notFound)
        }
    }

    static func standardInput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= 256 << 20 else { throw CommandFailure("the input is larger than 256 MB") }
        }
    }
}
