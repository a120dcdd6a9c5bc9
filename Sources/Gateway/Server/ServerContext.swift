import Core
import NIOCore
import Synchronization

/// What all connections share.
final class ServerContext: Sendable {
    let dispatcher: Dispatcher
    let limits: GatewayLimits
    /// Nil without a certificate.
    let tls: TLSContext?
    let connections = Connections()
    private let clock: any HostClock
    private let lastDate = Mutex<(second: Int64, text: String)>((-1, ""))

    init(_ dispatcher: Dispatcher, _ limits: GatewayLimits, _ tls: TLSContext?, _ clock: any HostClock) {
        self.dispatcher = dispatcher
        self.tls = tls
        self.limits = limits
        self.clock = clock
    }

    /// The `Date` of a response, made once a second.
    func date() -> String {
        let now = clock.now
        let second = now.milliseconds / 1000
        return lastDate.withLock { last in
            if last.second != second { last = (second, CivilTime(now).httpDate) }
            return last.text
        }
    }
}

/// The open connections.
final class Connections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// False when there are too many already.
    func add(_ channel: any Channel, upTo limit: Int) -> Bool {
        channels.withLock { channels in
            guard channels.count < limit else { return false }
            channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func remove(_ channel: any Channel) { _ = channels.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) } }

    var all: [any Channel] { channels.withLock { Array($0.values) } }

    var count: Int { channels.withLock { $0.count } }
}

/// Tells a connection to close after the request in hand.
struct DrainEvent: Sendable {}
