import Core
import HostTesting
import Storage
import Testing

@testable import Objects

/// Buckets that are deleted, and made again, while others work in them.
@Suite struct BucketDeletionTests {
    @Test func whatWaitsForADeletedBucketIsToldSo() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("a.txt")
        async let held: Void = fixture.holdingKey("a.txt") { try? await fixture.store.deleteBucket("data") }
        await fixture.keyIsHeld()
        let error = await #expect(throws: ObjectStoreError.self) {
            try await fixture.store.put(PutRequest(bucket: "data", key: key), Array("x".utf8))
        }
        await held
        #expect(error?.code == "NoSuchBucket")
    }

    @Test func whatWasWrittenMeanwhileLeavesNothing() async throws {
        let fixture = try await Fixture()
        let store = fixture.store
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<60 { await Self.work(store, worker, round) }
                }
            }
        }
        // Whatever order that was: the bucket of now can be used, and those of before have left nothing.
        if (try? store.bucket("data")) == nil { try await store.createBucket("data", scope: Scope()) }
        try await fixture.put("last.txt")
        try await store.delete(try ObjectKey("last.txt"), in: "data")
        _ = try await store.createUpload(try ObjectKey("big"), in: "data")
        try await store.deleteBucket("data")
        let left = try await fixture.database.database.read { transaction in
            try ["objects_buckets", "objects_versions", "objects_uploads", "objects_documents", "objects_contents"]
                .filter { try transaction.first("SELECT 1 AS found FROM \($0)") != nil }
        }
        #expect(left == [])
        #expect(!Directory.exists(fixture.bucketPath))
    }

    /// One call, whose refusals must be S3's own.
    private static func work(_ store: ObjectStore, _ worker: Int, _ round: Int) async {
        do {
            let key = try ObjectKey("d/\(worker)")
            switch (worker + round) % 6 {
            case 0: try await store.createBucket("data", scope: Scope())
            case 1: try await store.deleteBucket("data")
            case 2:
                _ = try await store.put(PutRequest(bucket: "data", key: key), Array("x".utf8))
                try await store.delete(key, in: "data")
            case 3: _ = try await store.createUpload(key, in: "data")
            case 4: try await store.setDocument(.tagging, "[]", of: "data")
            default: _ = try await store.get(key, in: "data")
            }
        } catch let error as ObjectStoreError {
            #expect(error.status < 500, "\(error)")
        } catch {
            Issue.record("\(error)")
        }
    }
}
