import Core
import Synchronization

/// What was received from FIFO queues under identifiers of attempts, so that a caller whose answer was lost can ask for it
/// again (`ReceiveRequestAttemptId`). Kept in memory: after a start, messages come back with their visibility timeout.
final class ReceiveAttempts: Sendable {
    struct Attempt: Sendable {
        var receipts: [ReceiptHandle]
        /// Until when the messages are invisible, unless something was done with them since.
        var visibleAt: Timestamp
        var expiresAt: Timestamp
    }

    private struct Key: Hashable {
        var queue: Int64
        var id: String
    }

    /// Milliseconds for which an attempt can be repeated.
    private static let lifetime: Int64 = 300_000
    /// When there are more, those after it are not remembered.
    private static let limit = 20_000

    private let attempts = Mutex<[Key: Attempt]>([:])

    func attempt(_ id: String, on queue: Int64, at now: Timestamp) -> Attempt? {
        attempts.withLock { $0[Key(queue: queue, id: id)] }.flatMap { $0.expiresAt > now ? $0 : nil }
    }

    /// Remembers what was received first under this identifier, or until when it is invisible now.
    func keep(_ id: String, on queue: Int64, _ receipts: [ReceiptHandle], until visibleAt: Timestamp, at now: Timestamp)
    {
        let key = Key(queue: queue, id: id)
        attempts.withLock { attempts in
            if let known = attempts[key], known.expiresAt > now, known.receipts == receipts {
                attempts[key]?.visibleAt = visibleAt
                return
            }
            if attempts.count >= Self.limit { attempts = attempts.filter { $0.value.expiresAt > now } }
            guard attempts.count < Self.limit else { return }
            attempts[key] = Attempt(
                receipts: receipts, visibleAt: visibleAt, expiresAt: now.adding(milliseconds: Self.lifetime))
        }
    }
}
