import Core
import Foundation
import Synchronization

/// Callers of a host that is killed under them: each hands over its share one by one, and what was not acknowledged
/// again, until the host has acknowledged all of it.
final class CrashDriver: Sendable {
    private struct State {
        var acknowledged = 0
        var failures: [String] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    var acknowledged: Int { state.withLock { $0.acknowledged } }
    /// Answers that were neither an acknowledgement nor an end of the connection.
    var failures: [String] { state.withLock { $0.failures } }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Hands over `count` requests on a thread of its own: requests block.
    ///
    /// - Parameters:
    ///   - mayGo: Whether the time of a request has come.
    ///   - isRepeat: Whether an answer says that the request had been accepted before: what a host answers to a
    ///     request whose first answer was lost with it.
    func run(
        _ count: Int, port: Int, when mayGo: @escaping @Sendable (Int) -> Bool = { _ in true },
        isRepeat: @escaping @Sendable (HTTPReply) -> Bool = { _ in false },
        _ send: @escaping @Sendable (HTTPConnection, Int) throws -> HTTPReply
    ) {
        let thread = Thread { [self] in
            var connection: HTTPConnection?
            var next = 0
            var wasCutOff = false
            while next < count, !state.withLock({ $0.isStopped }) {
                guard mayGo(next) else {
                    usleep(1000)
                    continue
                }
                do {
                    let open = try connection ?? HTTPConnection(port: port)
                    connection = open
                    let reply = try send(open, next)
                    if (200..<300).contains(reply.status) || wasCutOff && isRepeat(reply) {
                        next += 1
                        wasCutOff = false
                        state.withLock { $0.acknowledged += 1 }
                    } else if reply.status != 503 {
                        // A host that is going down or coming up may say so; nothing else is expected.
                        state.withLock { $0.failures.append("\(reply.status) \(reply.text)") }
                        next += 1
                        wasCutOff = false
                    }
                } catch {
                    if connection != nil { wasCutOff = true }
                    connection = nil
                    // Between two hosts.
                    usleep(5000)
                }
            }
        }
        thread.start()
    }
}
