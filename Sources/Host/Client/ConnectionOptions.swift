import ArgumentParser
import Glibc
import OutgoingHTTP
import Wire

/// How a command reaches the host and how it shows what it got.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Address of the host.", discussion: "Default: AWS_ENDPOINT_URL, or http://127.0.0.1:4566."))
    var endpoint: String?

    @Option(help: "Region to work in. Default: AWS_REGION, or us-east-1.")
    var region: String?

    @Flag(help: "Write JSON instead of tables.")
    var json = false

    func validate() throws {
        guard let endpoint else { return }
        let host = ["http://", "https://"].first(where: endpoint.hasPrefix).map { endpoint.dropFirst($0.count) }
        guard let host, !host.isEmpty else {
            throw ValidationError("--endpoint must be an address such as http://127.0.0.1:4566, and not \(endpoint).")
        }
    }

    var output: Output { Output(json: json) }

    /// Runs the body with a client; its connection ends with it.
    func withClient<T: Sendable>(_ body: @Sendable @escaping (AWSClient) async throws -> T) async throws -> T {
        let http = HTTPClient(
            policy: AddressPolicy(allowsLinkLocal: true, allowsControlPort: true),
            authorities: Self.environment("AWS_CA_BUNDLE"))
        let client = AWSClient(
            endpoint: address, credentials: credentials,
            region: region ?? Self.environment("AWS_REGION") ?? Self.environment("AWS_DEFAULT_REGION") ?? "us-east-1",
            http: http)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await http.run() }
            let result: Result<T, any Error>
            do { result = .success(try await body(client)) } catch { result = .failure(error) }
            http.stop()
            try await group.waitForAll()
            return try result.get()
        }
    }

    var address: String {
        let text = endpoint ?? Self.environment("AWS_ENDPOINT_URL") ?? "http://127.0.0.1:4566"
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private var credentials: Credentials {
        Credentials(
            accessKeyID: Self.environment("AWS_ACCESS_KEY_ID") ?? "000000000000",
            secretAccessKey: Self.environment("AWS_SECRET_ACCESS_KEY") ?? "millrace",
            sessionToken: Self.environment("AWS_SESSION_TOKEN"))
    }

    /// Every variable of this program's environment.
    static var allEnvironment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee.map({ String(cString: $0) }) {
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }
}
