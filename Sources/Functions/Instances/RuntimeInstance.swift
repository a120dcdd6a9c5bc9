import Core
import NIOCore
import NIOPosix

/// What an instance tells its pool. Called on the instance's event loop.
protocol InstanceOwner: AnyObject, Sendable {
    /// The instance waits for its first or its next invocation.
    func instanceIsFree(_ instance: RuntimeInstance)
    /// The instance will never be free. An invocation that it was given and never started is handed back.
    func instanceEnded(_ instance: RuntimeInstance, unstarted: Invocation?, initFailure: InitFailure?)
}

/// Why an instance never asked for work.
enum InitFailure: Sendable {
    /// The function's own error, as it reported it.
    case reported(type: String, payload: ByteBuffer)
    /// Its end before it could: the caller is told the reason with the identifier of its own request.
    case ended(type: String, reason: String)
    /// The first time-out: the start is tried once more, on the time of the invocation.
    case timedOut
    /// The machine could not start the process.
    case host(FunctionError)
}

/// A warm process that takes one invocation after another from its own Runtime API.
///
/// All state belongs to the event loop, on which every method but ``start()``, ``dispatch(_:)`` and ``retire()`` is
/// called: that is what `@unchecked` rests on.
final class RuntimeInstance: @unchecked Sendable {
    enum Phase: Equatable {
        case starting
        /// It has asked for work at least once.
        case ready
        /// Told to end, or killed.
        case stopping
        case ended
    }

    /// How this instance came to be.
    enum Origin: Hashable, Sendable {
        case onDemand
        case provisioned
        /// A second start, within the time of the invocation that waits for it.
        case withinInvocation
    }

    let id: String
    let eventLoop: any EventLoop
    let plan: InstancePlan
    let origin: Origin
    let log: FunctionLog
    let logStream: String
    let temporaryDirectory: String
    /// The pool lets go of its instances when they end.
    let owner: any InstanceOwner
    let reactor: ProcessReactor

    var phase = Phase.starting
    var process: ChildProcess?
    var group: ControlGroup?
    var exit: ProcessExit?
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: RuntimeAPIConnection] = [:]
    /// The connection on which the runtime waits for work.
    var waiting: RuntimeAPIConnection?
    var current: InstanceRun?
    var initFailure: InitFailure?
    let startedAt = NIODeadline.now()
    /// Reported with the first invocation.
    var initMilliseconds: Double?
    var deadline: NIODeadline?
    var armedTimer: (at: NIODeadline, task: Scheduled<Void>)?
    var memory: MemoryGauge
    var isWatched = false
    /// The processor time that its process had used in all when the invocation that began then was first looked at.
    var processorAccount: (start: NIODeadline, milliseconds: Int)?
    var hasProcessorLimit = false
    /// The owner is told of the end once.
    var hasReportedEnd = false
    /// The kernel killed a process of the instance for want of memory.
    var endedForMemory = false
    /// The host ended it in the middle of whatever it did.
    var isKilledByHost = false
    var exitGraceEnds: NIODeadline?
    /// The last invocation that was answered: a second answer to it is told apart from one to nothing.
    var lastRequestID: String?
    /// The answer in the streaming mode to a caller that wants it whole.
    var streamed = ByteBuffer()
    var extensions = ExtensionTable()
    /// The runtime has answered, and extensions still work on what they were told.
    var isHeldByExtensions = false
    var credentials: FunctionCredentials?

    /// Whether it has ever answered an invocation.
    var hasServed: Bool { lastRequestID != nil }

    init(
        plan: InstancePlan, origin: Origin, eventLoop: any EventLoop, reactor: ProcessReactor, owner: any InstanceOwner
    ) {
        self.plan = plan
        self.origin = origin
        self.eventLoop = eventLoop
        self.reactor = reactor
        self.owner = owner
        id = plan.makeInstanceID()
        logStream = plan.logStream(instance: id)
        log = plan.makeLog(stream: logStream)
        temporaryDirectory = "\(plan.temporaryDirectory)/\(id)"
        memory = MemoryGauge(limitMB: plan.function.memorySizeMB)
    }

    /// Takes the next invocation, from any thread. The pool gives one only to a free instance.
    func dispatch(_ invocation: Invocation) {
        if eventLoop.inEventLoop { take(invocation) } else { eventLoop.execute { self.take(invocation) } }
    }

    /// Ends an instance that has nothing to do. From any thread.
    func retire() {
        eventLoop.execute { self.stop() }
    }
}

/// The invocation that an instance works on.
struct InstanceRun {
    enum Answer {
        case awaited
        /// The head of the answer has come, on that connection.
        case receiving(on: ObjectIdentifier)
        case receivingStream(on: ObjectIdentifier, bytes: Int)
    }

    var invocation: Invocation
    /// Nil while the runtime has not asked for it yet.
    var startedAt: NIODeadline?
    var startedTimestamp = Timestamp(milliseconds: 0)
    var answer = Answer.awaited
}
