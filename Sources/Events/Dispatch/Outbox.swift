import Core
import Storage

/// The one way to hand an event over: written with what causes it, attempted after the commit.
public struct Outbox: Sendable {
    private let store = DeliveryStore()
    private let dispatcher: Dispatcher
    private let identifiers: IdentifierSequence
    private let clock: any HostClock
    private let targets: any TargetDirectory

    init(dispatcher: Dispatcher, identifiers: IdentifierSequence, clock: any HostClock, targets: any TargetDirectory) {
        self.dispatcher = dispatcher
        self.identifiers = identifiers
        self.clock = clock
        self.targets = targets
    }

    /// Hands the event over within the transaction. When the transaction fails, nothing was handed over.
    public func enqueue(_ asked: NewDelivery, in transaction: Transaction) throws {
        _ = try place(asked, in: transaction)
    }

    /// Does what ``enqueue(_:in:)`` does.
    ///
    /// - Returns: whether the target has taken the event as its own already, so that this delivery has ended well.
    public func place(_ asked: NewDelivery, in transaction: Transaction) throws -> Bool {
        let target = targets.target(for: asked.target)
        let new = target?.admit(asked) ?? asked
        if new.delay == 0, let local = target?.transactional {
            let outcome = try local.accept(new.firstAttempt, in: transaction)
            try outcome.record?(transaction)
            if outcome.result == .done { return true }
        }
        let now = clock.now
        let delivery = Delivery(
            id: identifiers.next(), target: new.target, kind: new.kind, payload: new.payload, context: new.context,
            retry: new.retry, deadLetter: new.deadLetter, attempts: 0, createdAt: now,
            dueAt: now.adding(milliseconds: new.delay))
        try store.insert(delivery, in: transaction)
        let dispatcher = dispatcher
        transaction.afterCommit { dispatcher.offer(delivery) }
        return new.kind != asked.kind
    }

    public func enqueue(_ new: some Sequence<NewDelivery>, in transaction: Transaction) throws {
        for delivery in new { try enqueue(delivery, in: transaction) }
    }
}
