import AWSModels
public import Core
public import Objects
public import ServiceLifecycle

/// Carries out the lifecycle rules of all buckets: expires objects, versions, lone delete markers and uploads that were
/// never ended.
public struct LifecycleSweeper: Service {
    private let store: ObjectStore
    private let clock: any HostClock
    /// Milliseconds between two rounds. S3 itself works once a day.
    private let interval: Int64
    private let report: @Sendable (String) -> Void

    /// - Parameter report: gets what could not be done.
    public init(
        store: ObjectStore, clock: any HostClock, interval: Int64 = 3_600_000,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.report = report
        self.store = store
        self.clock = clock
        self.interval = interval
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.sweep()
                do { try await self.clock.sleep(milliseconds: self.interval) } catch { return }
            }
        }
    }

    /// One round. A bucket that fails is tried again the next time.
    public func sweep() async {
        for bucket in store.allBuckets {
            guard !Task.isCancelled else { return }
            do {
                guard let rules = LifecycleRules(try await store.document(.lifecycle, of: bucket.name)) else {
                    continue
                }
                try await sweep(bucket, rules)
            } catch let error as ObjectStoreError where error.code == "NoSuchBucket" {
                // Deleted meanwhile.
            } catch {
                report("The lifecycle rules of the bucket '\(bucket.name)' are carried out later: \(error)")
            }
        }
    }

    private func sweep(_ bucket: Bucket, _ rules: LifecycleRules) async throws {
        try await sweepVersions(bucket, rules)
        var (key, id) = ("", "")
        while true {
            let page = try await store.listUploads(in: bucket.name, afterKey: key, afterID: id)
            for upload in page.uploads {
                (key, id) = (upload.key.text, upload.id)
                guard let end = rules.abortion(of: upload), end.time <= clock.now else { continue }
                try await store.abortUpload(upload.id, upload.key, in: bucket.name)
            }
            guard page.isTruncated, !page.uploads.isEmpty else { return }
        }
    }

    private func sweepVersions(_ bucket: Bucket, _ rules: LifecycleRules) async throws {
        var (key, version) = ("", String?.none)
        /// The version above the one at hand, and how many of its key came before it.
        var above: ObjectVersion?
        var newer = 0
        while true {
            let page = try await store.listVersions(
                ListRequest(bucket: bucket.name, after: key), afterVersion: version)
            for each in page.versions {
                if above?.key != each.key { (above, newer) = (nil, 0) }
                try await handle(each, above, newer, bucket, rules)
                (above, newer) = (each, newer + 1)
            }
            guard page.isTruncated, let last = page.last else { return }
            (key, version) = (last, page.lastVersionID)
        }
    }

    private func handle(
        _ version: ObjectVersion, _ above: ObjectVersion?, _ newer: Int, _ bucket: Bucket, _ rules: LifecycleRules
    ) async throws {
        if version.isLatest {
            if version.isDeleteMarker {
                guard rules.removesLoneMarker(version), try await isAlone(version, bucket) else { return }
                try await store.delete(
                    version.key, in: bucket.name, versionID: version.versionID, cause: .lifecycle)
            } else if let expiry = rules.expiry(of: version), expiry.time <= clock.now {
                try await store.delete(version.key, in: bucket.name, cause: .lifecycle)
            }
            return
        }
        guard let above, !isLocked(version) else { return }
        for rule in rules.noncurrentExpirations(for: version) {
            let end = LifecycleRules.midnight(after: above.lastModified, days: rule.noncurrentDays ?? 0)
            guard end <= clock.now, newer > rule.newerNoncurrentVersions ?? 0 else { continue }
            try await store.delete(version.key, in: bucket.name, versionID: version.versionID, cause: .lifecycle)
            return
        }
    }

    private func isLocked(_ version: ObjectVersion) -> Bool {
        version.attributes.document(LegalHold.document) == "ON"
            || (Retention(version.attributes).map { $0.until > clock.now } ?? false)
    }

    private func isAlone(_ version: ObjectVersion, _ bucket: Bucket) async throws -> Bool {
        let request = ListRequest(bucket: bucket.name, prefix: version.key.text, limit: 2)
        return try await store.listVersions(request).versions.filter { $0.key == version.key }.count == 1
    }
}
