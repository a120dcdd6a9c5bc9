import Core
import StatesLanguage
import Storage

/// Runs a distributed Map: reads its items, has each worked on by a child execution, and gathers what comes out.
///
/// Children have names that follow from the run and their position, so that a run that is taken up again after a crash
/// finds those it had begun.
struct MapRunner: Sendable {
    /// Children at one time when the state sets no bound.
    private static let maximumConcurrency = 1000

    let engine: WorkflowEngine
    let request: MapRunRequest
    let control: MapRunControl
    let redriven: Bool

    /// The output of the Map state; nil when the run was called off.
    func run() async throws(TaskFailure) -> JSON? {
        let collection = try await items()
        let inputs = try ChildInputs(request, collection, now: engine.clock.now)
        control.count { record in
            record.itemCounts = MapRunCounts()
            record.executionCounts = MapRunCounts()
            record.itemCounts.pending = Int64(collection.items.count)
            record.executionCounts.pending = Int64(inputs.count)
        }
        await save()
        let results = try await runChildren(inputs)
        guard !control.isCancelled, !Task.isCancelled else { return nil }
        return try await ResultWriting(request: request, objects: engine.objects).output(results)
    }

    private func items() async throws(TaskFailure) -> ItemCollection {
        switch request.items {
        case .values(let items):
            return ItemCollection(
                items: items.map { SourceItem(key: $0.key, value: $0.value) }, source: "STATE_DATA")
        case .reader(let reader, let arguments):
            return try await ItemReading(
                objects: engine.objects, reader: reader, arguments: arguments, maxItems: request.maxItems
            ).read()
        }
    }

    /// Returns when the database has taken it, or the host ends.
    func save() async {
        repeat {
            let record = control.record
            if (try? await engine.database.write { try record.save(in: $0) }) != nil { return }
            try? await engine.clock.sleep(milliseconds: 1000)
        } while !Task.isCancelled
    }

    // MARK: Children

    private enum Turn: Sendable {
        case child(Result<ChildResult, TaskFailure>)
        /// The run's terms have changed, or it was called off.
        case change
    }

    private func runChildren(_ inputs: ChildInputs) async throws(TaskFailure) -> [ChildResult] {
        let outcome = await withTaskGroup(of: Turn.self) { group in
            defer { group.cancelAll() }
            watch(&group)
            var next = 0
            var running = 0
            var results: [ChildResult] = []
            while true {
                while next < inputs.count, running < concurrency, !control.isCancelled, !Task.isCancelled {
                    let child = next
                    next += 1
                    running += 1
                    begun(inputs, child)
                    group.addTask { .child(await self.runChild(inputs, child)) }
                }
                guard running > 0, let turn = await group.next() else { break }
                switch turn {
                case .change:
                    if control.isCancelled { group.cancelAll() } else { watch(&group) }
                case .child(.failure(let failure)):
                    control.cancel()
                    return Result<[ChildResult], TaskFailure>.failure(failure)
                case .child(.success(let result)):
                    running -= 1
                    results.append(result)
                    settle(result)
                    guard exceedsTolerance, !control.isCancelled else { continue }
                    control.cancel()
                    return .failure(Self.exceeded)
                }
            }
            return .success(results.sorted { $0.index < $1.index })
        }
        return try outcome.get()
    }

    private func watch(_ group: inout TaskGroup<Turn>) {
        let change = control.change
        group.addTask {
            await change.wait()
            return .change
        }
    }

    private static let exceeded = TaskFailure(
        error: ErrorName.exceedToleratedFailureThreshold,
        cause: "The specified tolerated failure threshold was exceeded")

    private var concurrency: Int {
        let wanted = control.record.maxConcurrency
        return wanted == 0 ? Self.maximumConcurrency : Int(min(wanted, 10_000))
    }

    private func begun(_ inputs: ChildInputs, _ child: Int) {
        let items = Int64(inputs.batches[child].count)
        control.count { record in
            record.itemCounts.pending -= items
            record.itemCounts.running += items
            record.executionCounts.pending -= 1
            record.executionCounts.running += 1
        }
    }

    private func settle(_ result: ChildResult) {
        control.count { record in
            record.itemCounts.move(result.items, to: result.record.status)
            record.executionCounts.move(1, to: result.record.status)
        }
    }

    /// Without a tolerance the first failure is one too many.
    private var exceedsTolerance: Bool {
        let record = control.record
        let counts = record.itemCounts
        let failed = counts.failed + counts.timedOut
        guard failed > 0 else { return false }
        if record.toleratedFailureCount > 0, failed <= record.toleratedFailureCount,
            record.toleratedFailurePercentage == 0
        {
            return false
        }
        let share = counts.total > 0 ? Double(failed) / Double(counts.total) * 100 : 0
        if record.toleratedFailurePercentage > 0, share <= record.toleratedFailurePercentage {
            return record.toleratedFailureCount > 0 && failed > record.toleratedFailureCount
        }
        return true
    }

    private func runChild(_ inputs: ChildInputs, _ child: Int) async -> Result<ChildResult, TaskFailure> {
        do throws(TaskFailure) {
            let input = try inputs.input(child)
            let record = try await finishedChild(input, child)
            return .success(ChildResult(index: child, record: record, items: Int64(inputs.batches[child].count)))
        } catch {
            return .failure(error)
        }
    }

    private func finishedChild(_ input: JSON, _ child: Int) async throws(TaskFailure) -> ExecutionRecord {
        let machine = WorkflowMachine(
            request.map.processor.graph, timeoutSeconds: nil, limits: engine.options.limits)
        let record = childRecord(input, child)
        do throws(WorkflowError) {
            if request.type == .express {
                return await ExpressExecution(
                    engine: engine, record: record, machine: machine, input: input, isSynchronous: false
                ).run()
                    .record
            }
            let begun = try await engine.begin(record, machine, input)
            let again = redriven && begun.status.isFinal && begun.status != .succeeded
            if again { _ = try await engine.send(.redrive(), to: begun.id) }
            if control.isCancelled { _ = try await engine.stopExecution(begun.arn) }
            return try await endedOrStopped(begun)
        } catch {
            throw TaskFailure(error: ErrorName.runtime, cause: error.message)
        }
    }

    /// Waits for the child; when the run is called off meanwhile, so is the child.
    private func endedOrStopped(_ child: ExecutionRecord) async throws(WorkflowError) -> ExecutionRecord {
        do throws(WorkflowError) {
            return try await engine.ended(child.arn)
        } catch {
            guard control.isCancelled else { throw error }
            return try await engine.stopExecution(child.arn)
        }
    }

    private func childRecord(_ input: JSON, _ child: Int) -> ExecutionRecord {
        let parent = request.execution
        let scope = Scope(account: parent.account, region: parent.region)
        let name = childName(child)
        let machine = "\(parent.stateMachineName)/\(request.label)"
        let resource =
            request.type == .express
            ? "express:\(machine):\(name):\(UUIDText.random(using: engine.random))" : "execution:\(machine):\(name)"
        return ExecutionRecord(
            id: engine.identifiers.next(), arn: scope.arn("states", resource).description,
            machineARN: "\(parent.stateMachineARN)/\(request.label)", name: name, mapRunARN: request.arn,
            definition: request.definition, roleARN: parent.roleARN,
            settings: ["mapState": .string(request.stateName)], status: .running, input: input.text(),
            failure: ErrorOutput(error: nil, cause: nil), startedAt: engine.clock.now, redriveCount: 0, eventCount: 0)
    }

    /// A UUID made of the run's and the child's position.
    private func childName(_ child: Int) -> String {
        var seed: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in request.arn.utf8 { seed = (seed ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var random = SeededRandom(seed: seed ^ UInt64(child))
        return UUIDText.random(using: &random)
    }
}
