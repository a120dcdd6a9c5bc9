import AWSModels
import Core
public import ServiceLifecycle
import Storage

extension KMSKeys: Service {
    /// Keys to which something happens in one transaction.
    private static let pieceSize = 100

    public func run() async throws {
        alarm.set(for: clock.now)
        await cancelWhenGracefulShutdown {
            await self.alarm.run { await self.settle() }
        }
    }

    /// Does what is due. What fails is tried again a minute later.
    func settle() async {
        let now = clock.now
        do {
            try await database.writeInPieces { [self] transaction in
                let due = try store.due(at: now, limit: Self.pieceSize, in: transaction)
                for key in due.keys { try settle(key, at: now, in: transaction) }
                if let next = due.next { transaction.afterCommit { [alarm] in alarm.set(for: next) } }
                return due.keys.count < Self.pieceSize ? .done : .more
            }
        } catch {
            alarm.set(for: now.adding(milliseconds: 60_000))
        }
    }

    private func settle(_ key: KMSKey, at now: Timestamp, in transaction: Transaction) throws {
        if key.state == .pendingDeletion {
            try store.remove(key, in: transaction)
            try tags.removeAll(of: key.arn, in: transaction)
            return try replicaIsGone(of: key, at: now, in: transaction)
        }
        var key = key
        if let end = key.validTo, end <= now {
            try store.clearMaterials(of: key, in: transaction)
            (key.state, key.expiration, key.validTo) = (.pendingImport, nil, nil)
        } else if let days = key.rotationDays, let next = key.nextRotation, next <= now {
            try store.rotate(key, to: newMaterial(of: key, at: now), .automatic, at: now, in: transaction)
            // However long the host was not there, it is rotated once.
            let period = Int64(days) * KMSKey.millisecondsOfDay
            let missed = now.milliseconds(since: next) / period
            key.nextRotation = next.adding(milliseconds: (missed + 1) * period)
        }
        try put(key, in: transaction)
    }

    /// A primary key that is to be deleted waits for its replicas first.
    private func replicaIsGone(of key: KMSKey, at now: Timestamp, in transaction: Transaction) throws {
        let rest = try store.related(key, in: transaction)
        guard rest.count == 1, var primary = rest.first, primary.state == .pendingReplicaDeletion else { return }
        primary.state = .pendingDeletion
        primary.deletionDate = now.adding(
            milliseconds: Int64(primary.deletionWindow ?? 30) * KMSKey.millisecondsOfDay)
        try put(primary, in: transaction)
    }

    /// New material of a symmetric key.
    func newMaterial(of key: KMSKey, at now: Timestamp) -> KMSMaterial {
        let bytes = random.bytes(AuthenticatedCipher.keySize)
        return KMSMaterial(
            id: KMSMaterial.id(of: bytes, key: key.id), account: key.scope.account, keyID: key.id, bytes: bytes,
            createdAt: now)
    }
}
