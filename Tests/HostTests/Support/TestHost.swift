import Core
import Glibc
import HostTesting

/// A project in a directory of its own, and the host that runs on it.
final class TestHost {
    let directory: TemporaryDirectory
    let port: Int
    let webhookPort: Int
    /// Where the host keeps its data.
    var data: String
    /// The host's certificate and its key, when it has one.
    var certificate: (chain: String, key: String)?
    private(set) var process: ChildProcess?
    private var starts = 0

    var project: String { "\(directory.path)/project" }
    /// A file that functions append to.
    var effects: String { "\(directory.path)/effects" }

    init(_ files: [String: String], data: String? = nil) throws {
        directory = try TemporaryDirectory("host")
        (port, webhookPort) = FreePort.pair()
        self.data = data ?? "\(directory.path)/data"
        try Directory.create(project)
        for (name, text) in files { try write(name, text) }
    }

    /// The program, where the package builds it: beside the tests.
    static var program: String {
        if let named = getenv("MILLRACE_PROGRAM") { return String(cString: named) }
        let tests = CommandLine.arguments[0]
        return "\(tests[..<(tests.lastIndex(of: "/") ?? tests.startIndex)])/millrace"
    }

    /// Writes a file of the project; scripts can be executed.
    func write(_ name: String, _ text: String) throws {
        let path = "\(project)/\(name)"
        try Directory.create(String(path[..<path.lastIndex(of: "/")!]))
        let isScript = text.hasPrefix("#!")
        try File.write(Array(text.utf8), to: path, permissions: isScript ? 0o755 : 0o644)
    }

    /// Removes a file or an empty directory of the project.
    func remove(_ name: String) throws {
        let path = "\(project)/\(name)"
        guard unlink(path) == 0 || rmdir(path) == 0 else {
            throw TestFailure("\(name) cannot be removed: \(String(cString: strerror(errno)))")
        }
    }

    // MARK: Running

    /// Starts the host and returns when it serves its project.
    @discardableResult
    func start(within seconds: Double = 60) async throws -> ChildProcess {
        let process = try launch()
        try await eventually("the host serves", within: seconds) {
            if let code = process.exitCode() { throw TestFailure("the host ended with \(code): \(process.output)") }
            return process.output.contains("serves http") ? true : nil
        }
        return process
    }

    /// Starts the host without waiting for it.
    func launch(_ options: String...) throws -> ChildProcess {
        starts += 1
        let process = try ChildProcess(
            Self.program,
            ["up", project, "--data", data, "--port", "\(port)", "--webhook-port", "\(webhookPort)"]
                + options
                + (certificate.map { ["--certificate", $0.chain, "--certificate-key", $0.key] } ?? []),
            environment: ["EFFECTS": effects], output: "\(directory.path)/host-\(starts).log")
        self.process = process
        return process
    }

    /// `kill -9`
    func kill() async throws {
        process?.signal(SIGKILL)
        _ = try await process?.waitForExit()
    }

    /// SIGTERM; returns the exit code.
    @discardableResult
    func stop(within seconds: Double = 60) async throws -> Int32 {
        process?.signal(SIGTERM)
        return try await process?.waitForExit(within: seconds) ?? 0
    }

    var log: String { process?.output ?? "" }

    // MARK: Talking to it

    func webhook(
        _ method: String, _ path: String, headers: [String: String] = [:], _ body: [UInt8] = []
    ) throws -> HTTPReply {
        try HTTPConnection.send(method, port: webhookPort, path, headers: headers, body)
    }

    func webhook(
        _ method: String, _ path: String, headers: [String: String] = [:], _ body: String
    ) throws -> HTTPReply {
        try webhook(method, path, headers: headers, Array(body.utf8))
    }

    /// An operation in AWS's JSON protocol.
    func aws(_ service: String, _ target: String, _ input: JSON) throws -> HTTPReply {
        try HTTPConnection(port: port).aws(service, target, input)
    }

    /// A command of the program, against this host.
    func command(_ arguments: String..., input: String? = nil) async throws -> CommandResult {
        try await command(arguments, input: input)
    }

    func command(_ arguments: [String], input: String? = nil) async throws -> CommandResult {
        try await CommandResult.run(
            arguments, endpoint: "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)", input: input,
            authorities: certificate?.chain)
    }

    // MARK: Effects

    /// The lines that functions have appended.
    var effectLines: [String] {
        guard let bytes = try? File.read(effects) else { return [] }
        return bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
    }

    func waitForEffect(_ line: String, within seconds: Double = 60) async throws {
        try await eventually("the effect '\(line)', beside \(effectLines); \(log)", within: seconds) {
            self.effectLines.contains(line)
        }
    }
}

extension HTTPConnection {
    func aws(_ service: String, _ target: String, _ input: JSON) throws -> HTTPReply {
        try send(
            "POST", "/",
            headers: [
                "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0",
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/\(service)/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ], input.bytes())
    }
}

/// What a command of the program did.
struct CommandResult {
    var exitCode: Int32
    var output: String
    var errors: String

    var json: JSON { (try? JSON(parsing: Array(output.utf8))) ?? .null }

    static func run(
        _ arguments: [String], endpoint: String?, input: String? = nil, authorities: String? = nil
    ) async throws -> CommandResult {
        let directory = try TemporaryDirectory("command")
        let (output, errors, given) =
            ("\(directory.path)/output", "\(directory.path)/errors", "\(directory.path)/input")
        if let input { try File.write(Array(input.utf8), to: given) }
        var environment: [String: String] = [:]
        environment["AWS_ENDPOINT_URL"] = endpoint
        environment["AWS_CA_BUNDLE"] = authorities
        let process = try ChildProcess(
            TestHost.program, arguments, environment: environment,
            input: input == nil ? nil : given, output: output, errors: errors)
        let code = try await process.waitForExit()
        return CommandResult(
            exitCode: code, output: process.output,
            errors: (try? File.read(errors)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }
}
