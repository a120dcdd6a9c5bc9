import Core
import Storage
import Wire

/// What a host is started with.
struct HostSettings: Sendable {
    /// Where everything is kept: database, buckets, packages. An absolute path.
    var dataDirectory: String
    /// When what is acknowledged is on the disk.
    var durability = Durability.commit
    var host = "127.0.0.1"
    var port = 4566
    /// Where webhooks are received: a port of its own, so that it can be opened to others and the control plane not.
    var webhookHost = "127.0.0.1"
    var webhookPort = 4580
    var scope = Scope()
    /// Callers that are let in from other machines.
    var credentials: [Credentials] = []
    var domains: [String] = []
    var certificate: (chain: String, key: String)?
    /// Instead of the built-in price list.
    var pricesFile: String?
    /// The project that is served, when there is one. An absolute path.
    var project: String?
    /// Functions see a root directory of their own instead of the machine's.
    var isolatesFunctions = false
    /// Only errors are written where the host runs.
    var isQuiet = false
    /// Waits and schedules pass only when they are told to, for trying out a project.
    var usesVirtualTime = false

    /// Scheme, host and port of the control plane as programs on this machine reach it.
    var endpoint: String { "\(certificate == nil ? "http" : "https")://\(Self.reachable(host)):\(port)" }
    var webhookEndpoint: String { "http://\(Self.reachable(webhookHost)):\(webhookPort)" }

    private static func reachable(_ host: String) -> String {
        host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
    }
}
