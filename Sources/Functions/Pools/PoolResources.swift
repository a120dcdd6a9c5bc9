import NIOCore
import Synchronization

/// What all pools of a host draw on.
struct PoolResources: Sendable {
    var budget: InstanceBudget
    var reactors: ReactorSet
    var eventLoopGroup: any EventLoopGroup
    /// Asks for the end of some pool's idle instance.
    var makeRoom: @Sendable () -> Void
    /// The same, if invocations wait for it.
    var makeRoomForWaiting: @Sendable () -> Void
    /// Tells that an instance has ended and another may start.
    var roomIsFree: @Sendable () -> Void
}

/// The host's process threads, used in turn.
final class ReactorSet: Sendable {
    private let reactors: [ProcessReactor]
    private let turn = Atomic<Int>(0)

    init(count: Int) throws(FunctionError) {
        var made: [ProcessReactor] = []
        for _ in 0..<max(1, count) { made.append(try ProcessReactor()) }
        reactors = made
    }

    deinit { stop() }

    func next() -> ProcessReactor {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return reactors[Int(UInt(bitPattern: number) % UInt(reactors.count))]
    }

    /// Blocks until the threads have ended, and with them every process.
    func stop() { for reactor in reactors { reactor.stop() } }
}
