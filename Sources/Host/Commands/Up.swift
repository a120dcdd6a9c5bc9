import ArgumentParser
import Core
import Gateway
import Glibc
import Storage
import Wire

struct Up: AsyncParsableCommand {
    enum Sync: String, ExpressibleByArgument, CaseIterable { case commit, second }

    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a host, on a project directory or empty.",
        discussion: """
            The host serves AWS's protocols on one port and webhooks on another, and keeps everything in its data \
            directory. It ends on Ctrl-C or SIGTERM, after what has begun; 'kill -9' loses nothing that was \
            acknowledged.

            On 127.0.0.1 any credentials pass, but for presigned addresses and forms of the customary key 'test', whose \
            secret is 'test'. To listen elsewhere, or to have requests verified, name the access keys that may come in \
            with MILLRACE_CREDENTIALS=KEY:SECRET[,KEY:SECRET…].
            """)

    @Argument(help: "The project directory: functions/, triggers/, workflows/.", completion: .directory)
    var project: String?

    @Option(help: "Where everything is kept. Default: .millrace in the project directory.", completion: .directory)
    var data: String?

    @Option(
        help: """
            When what is acknowledged is on disk: with its 'commit', or within a 'second', which answers sooner. \
            'kill -9' loses nothing either way; a power cut can take that second back.
            """)
    var sync = Sync.commit

    @Option(help: "Port of the control plane.")
    var port = 4566

    @Option(help: "Address of the control plane.")
    var host = "127.0.0.1"

    @Option(help: "Port of the webhooks.")
    var webhookPort = 4580

    @Option(help: "Address of the webhooks; 0.0.0.0 lets other machines reach them, and nothing else.")
    var webhookHost = "127.0.0.1"

    @Option(help: "Account of callers that name none: twelve digits.")
    var account = "000000000000"

    @Option(help: "Region of callers that name none.")
    var region = "us-east-1"

    @Option(help: "A price list instead of the built-in one.", completion: .file())
    var prices: String?

    @Option(name: .customLong("domain"), help: "A host name by which the host is reached; may be repeated.")
    var domains: [String] = []

    @Option(
        help: """
            Serve the control plane over HTTPS with this certificate and those above it, in PEM. It should name 127.0.0.1 \
            too, where functions find the host.
            """, completion: .file())
    var certificate: String?

    @Option(help: "The certificate's private key, in PEM.", completion: .file())
    var certificateKey: String?

    @Flag(
        help: """
            Give functions a root directory of their own, with Lambda's /var/task, /opt and /tmp and a read-only system. \
            Needs root or user namespaces; a process starts a little later.
            """)
    var isolate = false

    @Flag(help: "Only write errors.")
    var quiet = false

    func validate() throws {
        for (name, port) in [("--port", port), ("--webhook-port", webhookPort)] where !(1...65_535).contains(port) {
            throw ValidationError("\(name) must be a number from 1 to 65535, and not \(port).")
        }
        guard port != webhookPort else {
            throw ValidationError("--port and --webhook-port must be two ports, and both are \(port).")
        }
        guard account.utf8.count == 12, account.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw ValidationError("--account must be twelve digits, and not \(account).")
        }
        guard (certificate == nil) == (certificateKey == nil) else {
            throw ValidationError("--certificate and --certificate-key go together: give both or neither.")
        }
    }

    func run() async throws {
        let settings = try settings()
        let output = Output(json: quiet)
        let host: MillraceHost
        do {
            host = try await MillraceHost(settings)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(String(describing: error))
        }
        async let _: Void = StartUpMemory.giveBack(after: .seconds(1))
        do {
            try await host.run { project in
                output.note(
                    "\(output.noteStyle.bold("millrace")) serves \(settings.endpoint), webhooks at \(settings.webhookEndpoint)"
                )
                for line in NextSteps(settings: settings, project: project).lines { output.note("  " + line) }
            }
        } catch {
            throw CommandFailure(String(describing: error))
        }
    }

    private func settings() throws -> HostSettings {
        let directory = try project.map(Self.absolute)
        let base = try directory ?? Self.absolute(".")
        let data = data.map { $0.hasPrefix("/") ? $0 : "\((try? Self.absolute(".")) ?? "")/\($0)" }
        var settings = HostSettings(dataDirectory: data ?? "\(base)/.millrace")
        settings.durability = sync == .second ? .second : .commit
        settings.host = host
        settings.port = port
        settings.webhookHost = webhookHost
        settings.webhookPort = webhookPort
        settings.scope = Scope(account: account, region: region)
        settings.domains = domains
        settings.pricesFile = prices
        settings.project = directory
        settings.isolatesFunctions = isolate
        settings.isQuiet = quiet
        if let certificate, let certificateKey {
            settings.certificate = (try Self.absolute(certificate), try Self.absolute(certificateKey))
        }
        settings.credentials = try Self.credentials()
        var gateway = GatewayConfiguration()
        gateway.host = host
        guard !settings.credentials.isEmpty || !gateway.demandsSignatures else {
            throw CommandFailure(
                "other machines can reach \(host): name the access keys that may come in with "
                    + "MILLRACE_CREDENTIALS=KEY:SECRET, or listen on 127.0.0.1", exitCode: .usage)
        }
        return settings
    }

    static func absolute(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else {
            throw CommandFailure("\(path): \(String(cString: strerror(errno)))", exitCode: .notFound)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func credentials() throws -> [Credentials] {
        guard let text = ConnectionOptions.environment("MILLRACE_CREDENTIALS") else { return [] }
        return try text.split(separator: ",").map { pair in
            let parts = pair.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw CommandFailure(
                    "MILLRACE_CREDENTIALS must be KEY:SECRET, several separated by commas", exitCode: .usage)
            }
            return Credentials(accessKeyID: String(parts[0]), secretAccessKey: String(parts[1]))
        }
    }
}
