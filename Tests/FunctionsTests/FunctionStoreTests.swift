import Core
import HostTesting
import Storage
import Testing

@testable import Functions

struct FunctionStoreTests {
    static let scope = Scope()
    let store = FunctionStore()

    static func record(_ name: String = "resize", sha256: String = "abc") -> FunctionVersionRecord {
        FunctionVersionRecord(
            reference: FunctionVersionReference(functionName: name), summary: "s", role: "arn:aws:iam::0:role/r",
            runtime: "python3.13", handler: "app.handler", memorySizeMB: 256, timeoutSeconds: 7,
            environment: ["A": "1"], ephemeralStorageMB: 1024, layers: ["arn:layer"],
            logging: LoggingConfiguration(format: .json, applicationLevel: "WARN", group: "/g"),
            architectures: ["arm64"], code: FunctionCode(directory: "/d", sha256: sha256, size: 12),
            modifiedAt: Timestamp(milliseconds: 5), revisionID: "r1", settings: ["TracingConfig": ["Mode": "Active"]])
    }

    /// Runs the body in one transaction on a fresh database.
    func transaction(_ body: @escaping @Sendable (FunctionStore, Transaction) throws -> Void) async throws {
        let temporary = try Database.temporary(schema: FunctionStore.schema)
        let store = store
        try await temporary.database.write { try body(store, $0) }
    }

    @Test func functionsAreKeptWhole() async throws {
        try await transaction { store, transaction in
            try store.create(Self.record(), tags: ["team": "a"], in: transaction)
            #expect(try store.version(Self.record().reference, in: transaction) == Self.record())
            #expect(
                try store.function("resize", Self.scope, in: transaction)
                    == FunctionRecord(
                        scope: Self.scope, name: "resize", createdAt: Timestamp(milliseconds: 5), tags: ["team": "a"]))
            let again = #expect(throws: RegistryError.self) { try store.create(Self.record(), in: transaction) }
            #expect(again?.message == "Function already exist: resize")
            #expect(again?.code == .resourceConflict)
            try store.setReservedConcurrency(3, of: "resize", Self.scope, in: transaction)
            #expect(try store.function("resize", Self.scope, in: transaction)?.reservedConcurrency == 3)
            try store.delete("resize", Self.scope, in: transaction)
            #expect(try store.version(Self.record().reference, in: transaction) == nil)
            let missing = #expect(throws: RegistryError.self) {
                try store.delete("resize", Self.scope, in: transaction)
            }
            #expect(
                missing?.message == "Function not found: arn:aws:lambda:us-east-1:000000000000:function:resize")
        }
    }

    @Test func scopesDoNotSeeOneAnother() async throws {
        try await transaction { store, transaction in
            try store.create(Self.record(), in: transaction)
            let other = Scope(account: "111111111111", region: "us-east-1")
            #expect(try store.function("resize", other, in: transaction) == nil)
            #expect(try store.functions(other, limit: 10, in: transaction).isEmpty)
        }
    }

    @Test func publishingNumbersVersionsAndSkipsRepetitions() async throws {
        try await transaction { store, transaction in
            try store.create(Self.record(), in: transaction)
            func publish(_ revision: String) throws -> FunctionVersionRecord {
                try store.publish("resize", Self.scope, newRevision: revision, in: transaction)
            }
            #expect(try publish("p1").reference.version == "1")
            #expect(try publish("p2").reference.version == "1")
            let changed = try store.updateLatest(
                of: "resize", Self.scope, expectedRevision: "r1", newRevision: "r2", at: Timestamp(milliseconds: 9),
                in: transaction
            ) { $0.timeoutSeconds = 30 }
            #expect(changed.revisionID == "r2")
            #expect(throws: RegistryError.revisionMismatch) {
                try store.updateLatest(
                    of: "resize", Self.scope, expectedRevision: "r1", newRevision: "r3",
                    at: Timestamp(milliseconds: 9), in: transaction
                ) { _ in }
            }
            #expect(try publish("p3").reference.version == "2")
            let versions = try store.versions(of: "resize", Self.scope, limit: 10, in: transaction)
            #expect(versions.map(\.reference.version) == ["$LATEST", "1", "2"])
            #expect(versions.map(\.timeoutSeconds) == [30, 7, 30])
            try store.deleteVersion(versions[2].reference, in: transaction)
            #expect(try publish("p4").reference.version == "3", "a number is never given out again")
            let wrong = #expect(throws: RegistryError.self) {
                try store.publish(
                    "resize", Self.scope, expectedCodeSHA256: "other", newRevision: "p", in: transaction)
            }
            #expect(wrong?.code == .invalidParameterValue)
        }
    }

    @Test func aliasesShareInvocationsByWeight() async throws {
        try await transaction { store, transaction in
            try store.create(Self.record(), in: transaction)
            _ = try store.publish("resize", Self.scope, newRevision: "p1", in: transaction)
            _ = try store.updateLatest(
                of: "resize", Self.scope, newRevision: "r2", at: Timestamp(milliseconds: 9), in: transaction
            ) { $0.handler = "b.handler" }
            _ = try store.publish("resize", Self.scope, newRevision: "p2", in: transaction)
            let alias = AliasRecord(
                scope: Self.scope, functionName: "resize", name: "live", version: "1",
                additionalVersionWeights: ["2": 0.25], revisionID: "a1")
            try store.createAlias(alias, in: transaction)
            #expect(try store.alias("live", of: "resize", Self.scope, in: transaction) == alias)
            func version(_ point: Double) throws -> String {
                try store.resolve("resize", qualifier: "live", Self.scope, point: point, in: transaction)
                    .reference.version
            }
            #expect(try [0, 0.2499, 0.25, 0.99].map(version) == ["2", "2", "1", "1"])
            #expect(throws: RegistryError.self) { try store.createAlias(alias, in: transaction) }
            #expect(throws: RegistryError.self) {
                try store.deleteVersion(
                    FunctionVersionReference(functionName: "resize", version: "2"), in: transaction)
            }
            let moved = try store.updateAlias(
                "live", of: "resize", Self.scope, expectedRevision: "a1", newRevision: "a2", in: transaction
            ) {
                $0.version = "2"
                $0.additionalVersionWeights = [:]
            }
            #expect(moved.revisionID == "a2")
            #expect(try version(0) == "2")
            #expect(throws: RegistryError.self) {
                try store.updateAlias("live", of: "resize", Self.scope, newRevision: "x", in: transaction) {
                    $0.version = "77"
                }
            }
            try store.deleteAlias("live", of: "resize", Self.scope, in: transaction)
            let missing = #expect(throws: RegistryError.self) { try version(0) }
            #expect(missing?.message.hasSuffix("function:resize:live") == true)
        }
    }

    @Test func settingsBelongToAQualifier() async throws {
        try await transaction { store, transaction in
            try store.create(Self.record(), in: transaction)
            let configuration = EventInvokeConfiguration(
                maximumRetryAttempts: 0, maximumEventAgeSeconds: 60, onFailure: "arn:aws:sqs:us-east-1:0:q",
                modifiedAt: Timestamp(milliseconds: 3))
            try store.setEventInvoke(configuration, of: "resize", qualifier: "$LATEST", Self.scope, in: transaction)
            #expect(
                try store.eventInvoke(of: "resize", qualifier: "$LATEST", Self.scope, in: transaction)
                    == configuration)
            #expect(try store.eventInvoke(of: "resize", qualifier: "1", Self.scope, in: transaction) == nil)
            #expect(
                try store.all(.eventInvoke, of: "resize", Self.scope, in: transaction).map(\.qualifier) == ["$LATEST"])
            #expect(
                try store.remove(.eventInvoke, of: "resize", qualifier: "$LATEST", Self.scope, in: transaction))
            #expect(
                try !store.remove(.eventInvoke, of: "resize", qualifier: "$LATEST", Self.scope, in: transaction))
            #expect(throws: RegistryError.self) {
                try store.set(.url, [:], of: "nobody", qualifier: "$LATEST", Self.scope, in: transaction)
            }
        }
    }

    @Test func layersAreNumberedForGood() async throws {
        try await transaction { store, transaction in
            let layer = LayerVersionRecord(
                scope: Self.scope, name: "tools", version: 0, summary: "s", licenseInfo: "MIT",
                compatibleRuntimes: ["python3.13"], compatibleArchitectures: ["x86_64"],
                code: FunctionCode(directory: "/l", sha256: "x", size: 3), createdAt: Timestamp(milliseconds: 4))
            #expect(try store.publishLayer(layer, in: transaction).version == 1)
            let second = try store.publishLayer(layer, in: transaction)
            #expect(second.version == 2)
            #expect(try store.layer("tools", version: 2, Self.scope, in: transaction) == second)
            #expect(try store.layers(Self.scope, limit: 10, in: transaction).map(\.version) == [2])
            try store.deleteLayer("tools", version: 2, Self.scope, in: transaction)
            #expect(try store.layer("tools", version: 2, Self.scope, in: transaction) == nil)
            #expect(try store.layers(Self.scope, limit: 10, in: transaction).map(\.version) == [1])
            #expect(try store.publishLayer(layer, in: transaction).version == 3)
            #expect(
                try store.layerVersions(of: "tools", Self.scope, limit: 10, in: transaction).map(\.version) == [3, 1])
            let arns = ["arn:aws:lambda:us-east-1:000000000000:layer:tools:3"]
            #expect(try store.layers(named: arns, in: transaction).map(\.version) == [3])
            #expect(throws: RegistryError.self) {
                try store.layers(named: ["arn:aws:lambda:us-east-1:000000000000:layer:tools:2"], in: transaction)
            }
            #expect(throws: RegistryError.self) { try store.layers(named: ["nonsense"], in: transaction) }
        }
    }
}
