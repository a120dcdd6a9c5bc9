import Synchronization

/// The machine in force, swapped while others match: readers take the current one and keep it for their event.
public final class PatternMachineReference: Sendable {
    private let machine: Mutex<PatternMachine>

    public init(_ machine: PatternMachine = PatternMachine()) { self.machine = Mutex(machine) }

    public var current: PatternMachine { machine.withLock { $0 } }

    /// Puts the next machine in force. Changes are made one after the other; readers wait only for the swap if the
    /// change is made beforehand with `replace`.
    public func replace(with next: PatternMachine) { machine.withLock { $0 = next } }
}
