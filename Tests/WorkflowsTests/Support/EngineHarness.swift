import Core
import HostTesting
import StatesLanguage
import Storage
import Synchronization

@testable import Workflows

/// Answers tasks as a script says, by the name of their state.
final class ScriptedIntegration: TaskIntegration {
    struct Script: Sendable {
        var answers: [String: [JSON]] = [:]
        var jobs: [String: JSON] = [:]
    }

    private let script: Mutex<Script>
    let started = Recorder<TaskInvocation>()
    let cancelled = Recorder<TaskInvocation>()

    init(_ answers: [String: [JSON]] = [:], jobs: [String: JSON] = [:]) {
        script = Mutex(Script(answers: answers, jobs: jobs))
    }

    private func next(_ state: String) -> JSON {
        script.withLock { script in
            var answers = script.answers[state] ?? [["success": nil]]
            let answer = answers.isEmpty ? ["success": nil] : answers.removeFirst()
            if !answers.isEmpty { script.answers[state] = answers }
            return answer
        }
    }

    private func value(_ answer: JSON, _ task: TaskInvocation) throws(TaskFailure) -> JSON {
        if let failure = answer["failure"] {
            throw TaskFailure(error: failure["error"]?.stringValue, cause: failure["cause"]?.stringValue)
        }
        if answer["echo"] != nil { return task.parameters }
        return answer["success"] ?? .null
    }

    func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
        started.record(task)
        let answer = next(task.stateName)
        if answer["hang"] != nil {
            // Until the host gives up on it.
            await Wakeup().wait()
            throw TaskFailure(error: "Cancelled", cause: nil)
        }
        return try value(answer, task)
    }

    func result(of task: TaskInvocation, submission: JSON) async throws(TaskFailure) -> JSON {
        let answer = script.withLock { $0.jobs[task.stateName] } ?? ["success": submission]
        if answer["hang"] != nil { await Wakeup().wait() }
        return try value(answer, task)
    }

    func cancel(_ task: TaskInvocation) async { cancelled.record(task) }
}

/// An engine over a database in a directory, on a virtual clock; it can be dropped and opened again.
final class EngineHarness: Sendable {
    let directory: TemporaryDirectory
    let database: Database
    let clock: VirtualClock
    let engine: WorkflowEngine
    let integration: ScriptedIntegration
    let faults = StorageFaults()
    private let running: Task<Void, Never>
    static let scope = Scope(account: "000000000000", region: "us-east-1")

    init(
        _ integration: ScriptedIntegration = ScriptedIntegration(), in directory: TemporaryDirectory? = nil,
        at start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000), objects: (any ObjectStore)? = nil,
        meter: any WorkflowMeter = UnmeteredWorkflows(), observer: any WorkflowObserver = UnobservedWorkflows(),
        parkAfter: Int64 = 5000
    ) throws {
        let directory = try directory ?? TemporaryDirectory("workflows")
        self.directory = directory
        self.integration = integration
        var options = SQLiteOptions()
        options.durability = .none
        let driver = try SQLiteDriver(directory: directory.path, options: options)
        let database = try Database(FaultInjectingDriver(driver, faults), schema: WorkflowSchema.migrations)
        self.database = database
        clock = VirtualClock(start: start) { await Self.settle(database) }
        var engineOptions = WorkflowEngine.Options()
        engineOptions.parkAfter = parkAfter
        let engine = WorkflowEngine(
            database: database, clock: clock, random: CountingRandom(), identifiers: IdentifierSequence(clock: clock),
            integration: integration, objects: objects, meter: meter, observer: observer, options: engineOptions)
        self.engine = engine
        running = Task { try? await engine.run() }
    }

    /// Lets everything that can happen without time passing happen.
    static func settle(_ database: Database) async {
        for _ in 0..<6 {
            for _ in 0..<50 { await Task.yield() }
            _ = try? await database.read { _ in }
            _ = try? await database.write { _ in }
        }
    }

    func settle() async { await Self.settle(database) }

    /// Returns when that many tasks have begun; gives up after a while, so that what is checked next fails.
    func waitForTasks(_ count: Int) async {
        for _ in 0..<500 where integration.started.recorded.count < count { await settle() }
        await settle()
    }

    /// Lets things happen until the condition holds; gives up after a while.
    func wait(until condition: () async throws -> Bool) async rethrows {
        for _ in 0..<500 where try await !condition() { await settle() }
    }

    /// Drops the engine as a crash would, and frees the database.
    func crash() async {
        running.cancel()
        await running.value
        await database.close()
    }

    func create(
        _ definition: JSON, name: String = "machine", type: StateMachineType = .standard, settings: JSONObject = [:]
    ) async throws -> StateMachineRecord {
        try await engine.createStateMachine(
            CreateStateMachineRequest(
                name: name, definition: definition.text(), roleARN: "arn:aws:iam::000000000000:role/r", type: type,
                settings: settings), scope: Self.scope)
    }

    func start(_ machine: StateMachineRecord, _ input: JSON = [:], name: String? = nil) async throws -> ExecutionRecord
    {
        try await engine.startExecution(
            StartExecutionRequest(machineARN: machine.arn, name: name, input: input.text()))
    }

    /// Lets time pass until the execution has ended.
    func finish(_ arn: String, steps: Int = 400) async throws -> ExecutionRecord {
        for _ in 0..<steps {
            let record = try await engine.execution(arn)
            if record.status.isFinal { return record }
            if await !clock.advanceToNext() { await settle() }
        }
        return try await engine.execution(arn)
    }

    func lines(_ arn: String) async throws -> [String] {
        try await engine.history(of: arn, maxResults: 1000).items.map(\.line)
    }
}

final class CountingRandom: RandomSource {
    private let generator = Mutex(SeededRandom(seed: 42))

    func nextUInt64() -> UInt64 { generator.withLock { $0.next() } }
}
