import Core
import StatesLanguage
import Storage
import Synchronization

/// Compiled definitions by the row of their text, so that a definition is parsed once however many executions run it.
final class MachineCache: Sendable {
    private struct Key: Hashable {
        let definition: Int64
        /// The distributed Map whose processor is meant.
        let mapState: String?
    }

    private let machines = Mutex<[Key: WorkflowMachine]>([:])
    private let limits: WorkflowLimits
    private static let capacity = 1000

    init(limits: WorkflowLimits) { self.limits = limits }

    func cached(_ definition: Int64, mapState: String? = nil) -> WorkflowMachine? {
        machines.withLock { $0[Key(definition: definition, mapState: mapState)] }
    }

    /// The machine of a definition's row, or of the processor of one of its distributed Maps.
    func machine(_ definition: Int64, mapState: String? = nil, in transaction: Transaction) throws -> WorkflowMachine {
        if let cached = cached(definition, mapState: mapState) { return cached }
        let row = try transaction.first(
            "SELECT text FROM workflows_definitions WHERE id = $1", .integer(definition))
        guard let text = try row?.text(0) else { throw JournalError("definition \(definition) is missing") }
        return try keep(try Self.compile(text), definition, mapState: mapState)
    }

    @discardableResult
    func keep(
        _ compiled: StateMachineDefinition, _ definition: Int64, mapState: String? = nil
    ) throws -> WorkflowMachine {
        let machine: WorkflowMachine
        if let mapState {
            guard let map = compiled.graph.map(named: mapState) else {
                throw JournalError("definition \(definition) has no Map state '\(mapState)'")
            }
            machine = WorkflowMachine(map.processor.graph, timeoutSeconds: nil, limits: limits)
        } else {
            machine = WorkflowMachine(compiled, limits: limits)
        }
        machines.withLock { machines in
            // Which ones are dropped hardly matters: they are compiled again when they are needed.
            if machines.count >= Self.capacity, let any = machines.keys.first { machines[any] = nil }
            machines[Key(definition: definition, mapState: mapState)] = machine
        }
        return machine
    }

    static func compile(
        _ text: String, type: StateMachineType = .standard
    ) throws(WorkflowError) -> StateMachineDefinition {
        do throws(InvalidDefinition) {
            return try StateMachineDefinition(compiling: text, type: type)
        } catch {
            throw WorkflowError(.invalidDefinition, error.message)
        }
    }
}

extension StateGraph {
    /// The Map state of that name, here or in a graph below. Names are unique in a definition, whose depth is bounded.
    func map(named name: String) -> MapState? {
        for state in states {
            switch state.kind {
            case .map(let map):
                if state.name == name { return map }
                if let found = map.processor.graph.map(named: name) { return found }
            case .parallel(let parallel):
                for branch in parallel.branches {
                    if let found = branch.map(named: name) { return found }
                }
            default: break
            }
        }
        return nil
    }
}
