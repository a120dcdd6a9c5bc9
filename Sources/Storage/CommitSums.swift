/// Counters that many closures raise and that are written once per commit: the sums of all closures of a batch that
/// succeeded, in the same transaction as what they did. Raising one costs an addition in memory.
///
/// A closure does not see what it has raised itself; the sums are written just before the commit, and when that fails
/// the batch fails with it.
public protocol CommitSums: AnyObject, Sendable {
    associatedtype Key: Hashable & Sendable

    /// Writes the sums of one batch. Runs on the writer's thread.
    func write(_ sums: [Key: Int64], in transaction: Transaction) throws
}

extension Transaction {
    /// Raises a counter of `owner` by `quantity` when this transaction is committed.
    public func add<Owner: CommitSums>(_ quantity: Int64, to key: Owner.Key, of owner: Owner) {
        for pending in pendingSums {
            if let pending = pending as? PendingSums<Owner>, pending.owner === owner {
                pending.additions.append((key, quantity))
                return
            }
        }
        let pending = PendingSums(owner)
        pending.additions.append((key, quantity))
        pendingSums.append(pending)
    }
}

/// What closures have raised so far, for one owner.
protocol AnyPendingSums: AnyObject {
    var count: Int { get }

    /// Forgets all but the first additions.
    func truncate(to count: Int)

    /// Adds what is pending here to the same owner's in the list.
    func merge(into list: inout [any AnyPendingSums])

    func write(in transaction: Transaction) throws
}

final class PendingSums<Owner: CommitSums>: AnyPendingSums {
    let owner: Owner
    var additions: [(key: Owner.Key, quantity: Int64)] = []

    init(_ owner: Owner) { self.owner = owner }

    var count: Int { additions.count }

    func truncate(to count: Int) { additions.removeSubrange(min(count, additions.count)...) }

    func merge(into list: inout [any AnyPendingSums]) {
        for other in list {
            if let other = other as? PendingSums<Owner>, other.owner === owner {
                other.additions += additions
                return
            }
        }
        list.append(self)
    }

    func write(in transaction: Transaction) throws {
        guard !additions.isEmpty else { return }
        var sums: [Owner.Key: Int64] = [:]
        for (key, quantity) in additions {
            let (sum, overflow) = sums[key, default: 0].addingReportingOverflow(quantity)
            guard !overflow else { throw StorageError(.type, "the sum of a counter exceeds 64 bits") }
            sums[key] = sum
        }
        try owner.write(sums, in: transaction)
    }
}
