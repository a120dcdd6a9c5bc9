import Core
import StatesLanguage

/// Runs one state on the machine: a pure function but for the task that it may ask for.
struct StateTestRun {
    private let test: StateTest
    private let tested: TestedState
    private let input: JSON
    private var run: MachineRun
    private let root: FlowID

    init(_ test: StateTest, scope: Scope, now: Timestamp, seed: UInt64) throws(WorkflowError) {
        let tested = try TestedState(test)
        try test.validate(tested.state)
        let context = try test.parsedContext(tested.state)
        input = try WorkflowEngine.parseInput(test.input, limit: WorkflowLimits.standard.payloadBytes)
        self.test = test
        self.tested = tested
        let machine = WorkflowMachine(tested.graph, timeoutSeconds: nil, recordsEvents: false)
        var state = ExecutionState(Self.identity(test, input, scope, now, seed))
        state.test = ExecutionState.TestConditions(context: context)
        state.nextEventID = 2
        run = MachineRun(machine, state, Signal(.start, at: now, seed: seed), states: 1)
        run.inspection = StateInspection()
        root = run.state.flows.insert(
            Flow(
                parent: nil, graph: tested.graph, variables: try Self.variables(test), mapItem: nil, lastEventID: 0,
                pending: (tested.state.index, Payload(input, spelling: test.input))))
    }

    private static func variables(_ test: StateTest) throws(WorkflowError) -> [String: JSON] {
        guard let text = test.variables else { return [:] }
        guard let object = (try? JSON(parsing: text))?.objectValue else {
            throw WorkflowError(.validation, "Variables must be a JSON object")
        }
        return Dictionary(object.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    private static func identity(
        _ test: StateTest, _ input: JSON, _ scope: Scope, _ now: Timestamp, _ seed: UInt64
    ) -> ExecutionIdentity {
        var random = SeededRandom(seed: seed)
        let machine = UUIDText.random(using: &random)
        let name = UUIDText.random(using: &random)
        return ExecutionIdentity(
            key: 0, arn: scope.arn("states", "express:\(machine):\(name)").description, name: name, input: input,
            inputText: test.input, roleARN: test.roleARN ?? "",
            stateMachineARN: scope.arn("states", "stateMachine:\(machine)").description, stateMachineName: machine,
            startedAt: now, type: .express, isSynchronous: true, account: scope.account, region: scope.region,
            redriveCount: 0)
    }

    // MARK: Running

    /// Runs the state. Gives the task back that must be done before ``finish(_:)``, when it is not mocked.
    mutating func start() -> TaskInvocation? {
        run.schedule(.run(root))
        run.drain()
        guard run.state.status == .running, let visit = run.state.flows[root].visit else { return nil }
        if let count = test.retrierRetryCount {
            run.state.flows[root].visit?.retries = visit.state.retriers.map { _ in count }
        }
        switch visit.activity {
        case .task(let task):
            guard let mock = test.mock else { return task.invocation(visit, run.state.identity) }
            finish(mock: mock, task.id)
        case .children, .mapRun: finishNested()
        // The wait itself is not what is tested.
        case .waiting: run.complete(root, result: run.inspection?.afterInputPath ?? Payload(input))
        case .running, .retrying: break
        }
        return nil
    }

    /// Takes the answer of the task that ``start()`` asked for.
    mutating func finish(_ outcome: Result<JSON, TaskFailure>) {
        guard case .task(let task) = run.state.flows[root].visit?.activity else { return }
        switch outcome {
        case .success(let output): run.taskSucceeded(task.id, Payload(output))
        case .failure(let failure): run.taskFailed(task.id, failure.output)
        }
    }

    private mutating func finish(mock: StateTest.Mock, _ task: TaskID) {
        switch mock {
        case .result(let text): run.taskSucceeded(task, Self.payload(text))
        case .failure(let error, let cause): run.taskFailed(task, ErrorOutput(error: error, cause: cause))
        }
    }

    /// The mock stands for all that branches, iterations or children gave.
    private mutating func finishNested() {
        run.removeChildren(of: root)
        run.state.flows[root].visit?.activity = .running
        switch test.mock {
        case .failure(let error, let cause)?:
            run.fail(
                root, StateFailure(ErrorOutput(error: error, cause: cause), origin: .children, isFromTask: true))
        case .result(let text)?:
            if exceedsTolerance {
                let output = ErrorOutput(
                    error: ErrorName.exceedToleratedFailureThreshold,
                    cause: "The specified tolerated failure threshold was exceeded")
                return run.fail(root, StateFailure(output, origin: .mapRun))
            }
            run.complete(root, result: Self.payload(text))
        case nil: break
        }
    }

    private static func payload(_ text: String) -> Payload {
        Payload((try? JSON(parsing: text)) ?? .null, spelling: text)
    }

    private var exceedsTolerance: Bool {
        guard let failures = test.mapIterationFailureCount, let tolerance = run.inspection?.tolerance else {
            return false
        }
        if let count = tolerance.count, failures > count { return true }
        guard let percentage = tolerance.percentage, let items = run.inspection?.afterItemsPath?.arrayValue?.count,
            items > 0
        else { return false }
        return Double(failures) / Double(items) * 100 > percentage
    }

    // MARK: The result

    var result: StateTestResult {
        var result = StateTestResult(status: .succeeded, inspection: inspectionData)
        let inspection = run.inspection
        if let ended = run.state.result {
            result.status = ended.status == .succeeded ? .succeeded : .failed
            result.output = ended.output?.text
            result.error = ended.failure.error
            result.cause = ended.failure.cause
        } else if let pending = run.state.flows[root].pending {
            result.output = pending.input.text
            result.nextState = tested.graph[pending.index].name
        }
        if let failure = inspection?.failure, result.status == .succeeded {
            result.error = failure.error
            result.cause = failure.cause
            result.status = inspection?.catchIndex == nil ? .retriable : .caughtError
        }
        return result
    }

    private var inspectionData: InspectionData {
        var data = InspectionData()
        data.input = test.input
        guard let inspection = run.inspection else { return data }
        fillStages(&data, inspection)
        data.maxConcurrency = inspection.maxConcurrency
        data.toleratedFailureCount = inspection.tolerance?.count
        data.toleratedFailurePercentage = inspection.tolerance?.percentage
        data.catchIndex = inspection.catchIndex.map(Int64.init)
        if inspection.catchIndex == nil, let retry = inspection.retry {
            data.retryIndex = Int64(retry.index)
            data.retryBackoffIntervalSeconds = retry.seconds
        }
        let variables = run.inspection?.variables ?? (try? JSON(parsing: test.variables ?? "{}"))
        if let members = variables?.objectValue, !members.isEmpty { data.variables = variables?.text() }
        return data
    }

    /// Which stages AWS shows depends on the type of the state.
    private func fillStages(_ data: inout InspectionData, _ inspection: StateInspection) {
        if case .task = tested.state.kind {
            data.afterArguments = inspection.afterArguments?.text()
            data.result = inspection.result?.text
        }
        guard tested.state.queryLanguage == .jsonPath else { return }
        data.afterInputPath = inspection.afterInputPath?.text
        data.afterResultSelector = inspection.afterResultSelector?.text
        data.afterResultPath = inspection.afterResultPath?.text
        switch tested.state.kind {
        case .pass(let pass):
            data.afterResultSelector = inspection.result?.text
            data.afterParameters = inspection.result?.text
            guard pass.result != nil else { return }
            data.result = inspection.result?.text
            data.afterInputPath = nil
            data.afterParameters = nil
        case .task: data.afterParameters = inspection.afterParameters?.text() ?? inspection.afterInputPath?.text
        case .parallel: data.afterInputPath = nil
        case .succeed:
            data.afterResultSelector = nil
            data.afterResultPath = nil
        case .map:
            // Items stand apart, as in no other text of the service.
            data.afterItemsPath = inspection.afterItemsPath?.arrayValue.map { items in
                "[\(items.map { $0.text() }.joined(separator: ", "))]"
            }
            if !inspection.afterItemSelector.isEmpty {
                data.afterItemSelector = JSON.array(inspection.afterItemSelector).text()
            }
        default: break
        }
    }
}

extension WorkflowEngine {
    /// `TestState`: runs a single state, with its work mocked or done for real.
    ///
    /// - Throws: `InvalidDefinition`, `InvalidExecutionInput`, `ValidationException`.
    public func testState(_ test: StateTest, scope: Scope) async throws(WorkflowError) -> StateTestResult {
        var run = try StateTestRun(test, scope: scope, now: clock.now, seed: random.nextUInt64())
        guard let task = run.start() else { return run.result }
        let trace = TaskTrace(revealsSecrets: test.revealsSecrets)
        do throws(TaskFailure) {
            run.finish(.success(try await integration(for: task).start(task, tracing: trace)))
        } catch {
            run.finish(.failure(error))
        }
        var result = run.result
        result.inspection.exchange = trace.recorded
        return result
    }
}
