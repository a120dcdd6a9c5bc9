import Core
import Foundation
import HostTesting

/// A program of the machine that a test drives the host with, where it is installed.
struct Tool {
    let path: String

    /// Nil when no directory of the search path has it.
    init?(_ name: String) {
        let places = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
            return nil
        }
        path = "\(place)/\(name)"
    }

    /// Whether the program comes to a good end with these arguments.
    func succeeds(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    static let python = Tool("python3")
    static let hasBoto = python?.succeeds("-c", "import boto3") ?? false
}

extension TestHost {
    /// What a program needs to take this host for AWS.
    var clientEnvironment: [String: String] {
        [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "millrace", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        ]
    }

    /// Runs a program against this host to its end.
    @discardableResult
    func run(
        _ tool: Tool?, _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 300
    ) async throws -> (exitCode: Int32, output: String) {
        guard let tool else { throw TestFailure("a program is not installed") }
        let process = try ChildProcess(
            tool.path, arguments, environment: clientEnvironment.merging(environment) { $1 },
            output: "\(directory.path)/\(UUID().uuidString).log")
        let code = try await process.waitForExit(within: seconds)
        return (code, process.output)
    }
}
