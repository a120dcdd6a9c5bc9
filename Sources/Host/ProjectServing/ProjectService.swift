import Core
import Events
import Functions
import Messaging
import Objects
import Project
import ServiceLifecycle
import Services
import Storage
import Synchronization
import Wire
import Workflows

/// Serves a project directory: reads it, plans the difference, applies it as one transaction, and does so again when
/// the directory changes. A mistake leaves what is served as it is.
final class ProjectService: Sendable {
    /// What came of reading a directory.
    struct Reading: Sendable {
        var definition: ProjectDefinition
        var functions: [FunctionVersionRecord]
        var items: [ProjectItem]
        var plan: ProjectPlan
        var problems: [ProjectProblem]
        /// What works otherwise than the files ask for.
        var warnings: [ProjectProblem] = []
    }

    let host: MillraceHost
    let store = ProjectStore()
    let builder: FunctionBuilder
    private let served = Mutex<ProjectDefinition>(ProjectDefinition())

    init(_ host: MillraceHost) {
        self.host = host
        let output = Output(json: host.settings.isQuiet)
        builder = FunctionBuilder(directory: "\(host.settings.dataDirectory)/builds") { output.note($0) }
    }

    /// The definition that is served now.
    var definition: ProjectDefinition { served.withLock { $0 } }

    // MARK: Reading

    func read(_ directory: String) async throws -> Reading {
        var environment = ConnectionOptions.allEnvironment
        environment["MILLRACE_WEBHOOK_URL"] = host.settings.webhookEndpoint
        let scope = host.settings.scope
        let read = ProjectReader(directory: directory, scope: scope, environment: environment).read()
        var problems = read.problems
        var code: [String: String] = [:]
        var functions: [FunctionVersionRecord] = []
        for function in read.definition.functions {
            let fingerprint = CodeDirectory.fingerprint(function.codeDirectory)
            code[function.name] = fingerprint
            do throws(ProjectProblem) {
                functions.append(try await record(function, fingerprint))
            } catch {
                problems.append(error)
            }
        }
        // What can be read is checked beside what cannot: whoever mends the files is told everything at once.
        let checks = ProjectChecks(directory: directory, scope: scope, deployment: host.deployment)
        let findings = checks.findings(read.definition, functions)
        problems = (problems + findings.problems).inOrderOfPlaces
        let items = ProjectItems(definition: read.definition, code: code).all
        let store = store
        let current = try await host.database.read { try store.items(in: $0) }
        return Reading(
            definition: read.definition, functions: functions, items: items,
            plan: ProjectPlan(from: current, to: items), problems: problems, warnings: findings.warnings)
    }

    private func record(
        _ function: FunctionResource, _ fingerprint: String
    ) async throws(ProjectProblem) -> FunctionVersionRecord {
        var directory = function.codeDirectory
        if function.buildMethod != nil { directory = try await builder.build(function, fingerprint: fingerprint) }
        let scope = host.settings.scope
        var settings = JSONObject()
        if let target = function.deadLetter {
            settings["DeadLetterConfig"] = ["TargetArn": .string(target.arn(scope))]
        }
        return FunctionVersionRecord(
            reference: FunctionVersionReference(scope: scope, functionName: function.name),
            summary: function.description, role: "arn:aws:iam::\(scope.account):role/millrace-project",
            runtime: function.runtime, handler: function.handler, memorySizeMB: function.memorySize,
            timeoutSeconds: function.timeout, environment: function.environment,
            ephemeralStorageMB: function.ephemeralStorage,
            code: FunctionCode(directory: directory, sha256: fingerprint, size: 0), modifiedAt: host.clock.now,
            revisionID: "", settings: settings)
    }

    /// The ARN of what a manifest names: an ARN already, or a name.
    func arn(_ name: String, _ service: String) -> String {
        name.hasPrefix("arn:") ? name : host.settings.scope.arn(service, name).description
    }

    // MARK: Applying

    /// Applies what has been read, all of it or nothing.
    func apply(_ reading: Reading) async throws {
        let items = ProjectItems(definition: reading.definition, code: [:])
        for bucket in items.buckets { try await createBucket(bucket) }
        try await host.database.write { transaction in
            let applier = ProjectApplier(service: self, reading: reading, transaction: transaction)
            try applier.apply()
        }
        served.withLock { $0 = reading.definition }
        try await loadWebhooks()
    }

    private func createBucket(_ name: String) async throws {
        do {
            try await host.objects.createBucket(name, scope: host.settings.scope)
        } catch let error as ObjectStoreError where error.code == "BucketAlreadyOwnedByYou" {
            return
        }
    }

    /// Brings the webhooks of the database to memory.
    func loadWebhooks() async throws {
        let store = store
        let documents = try await host.database.read { try store.documents(.trigger, in: $0) }
        host.webhooks.replace(documents.compactMap { Webhook(name: $0.name, document: $0.document) })
    }
}
