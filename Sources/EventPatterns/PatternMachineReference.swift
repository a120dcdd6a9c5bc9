import Synchronization

/// The machine in force, swapped while others match: readers take the current one and keep it for their event.
public final class PatternMachineReference: Sendable {
    private let machine: Mutex<PatternMachine>
    /// Held while a next machine is built, so that no change is lost; readers never wait for it.
    private let changing = Mutex(())

    public init(_ machine: PatternMachine = PatternMachine()) { self.machine = Mutex(machine) }

    public var current: PatternMachine { machine.withLock { $0 } }

    /// Builds the next machine from the current one and puts it in force.
    public func update(_ change: (PatternMachine) -> PatternMachine) {
        changing.withLock { _ in
            let next = change(current)
            machine.withLock { $0 = next }
        }
    }
}
