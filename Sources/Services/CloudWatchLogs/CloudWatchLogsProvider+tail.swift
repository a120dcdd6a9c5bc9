public import AWSModels
import Core
import Logs
import Synchronization
public import Wire

extension CloudWatchLogsProvider {
    public func startLiveTail(
        _ input: CloudWatchLogs.StartLiveTailRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.StartLiveTailResponse {
        let pattern = try Self.pattern(input.logEventFilterPattern ?? "")
        var groups: Set<String> = []
        for identifier in input.logGroupIdentifiers {
            let name = Self.groupName(identifier)
            guard try await answer({ try await logs.group(name, context.scope) }) != nil else {
                throw Self.missing("The specified log group does not exist.")
            }
            groups.insert(name)
        }
        let (names, prefixes) = (input.logStreamNames, input.logStreamNamePrefixes)
        let wanted = groups
        let collector = logs.collect(context.scope) { group, event in
            wanted.contains(group) && pattern.matches(event.message)
                && (names?.contains(event.stream) ?? prefixes?.contains { event.stream.hasPrefix($0) } ?? true)
        }
        let session = UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64())
        let tail = LiveTail(collector, clock: clock, scope: context.scope) { start in
            start.requestId = context.requestID
            start.sessionId = session
            start.logGroupIdentifiers = input.logGroupIdentifiers
            start.logStreamNames = names ?? []
            start.logStreamNamePrefixes = prefixes ?? []
            start.logEventFilterPattern = input.logEventFilterPattern ?? ""
        }
        return CloudWatchLogs.StartLiveTailResponse {
            $0.responseStream = TypedEventStream { () async throws(AWSError) in await tail.next() }
        }
    }
}

/// A session of live tail: its start, then an update every second, for three hours.
private final class LiveTail: Sendable {
    private typealias Event = CloudWatchLogs.StartLiveTailResponseStream

    private enum Phase { case starting, running, ended }

    private let collector: LogCollector
    private let clock: any HostClock
    private let scope: Scope
    private let deadline: Timestamp
    private let start: CloudWatchLogs.LiveTailSessionStart
    private let phase = Mutex(Phase.starting)

    init(
        _ collector: LogCollector, clock: any HostClock, scope: Scope,
        _ fill: (inout CloudWatchLogs.LiveTailSessionStart) -> Void
    ) {
        self.collector = collector
        self.clock = clock
        self.scope = scope
        deadline = clock.now.adding(milliseconds: 3 * 3_600_000)
        start = CloudWatchLogs.LiveTailSessionStart(fill)
    }

    func next() async -> CloudWatchLogs.StartLiveTailResponseStream? {
        let now = clock.now
        let previous = phase.withLock { phase in
            defer { phase = now >= deadline ? .ended : .running }
            return phase
        }
        switch previous {
        case .starting: return Event { $0.sessionStart = start }
        case .ended: return nil
        case .running where now >= deadline:
            return Event { event in
                event.sessionTimeoutException = CloudWatchLogs.SessionTimeoutException {
                    $0.message = "The session has reached its limit of three hours."
                }
            }
        case .running:
            do {
                try await clock.sleep(milliseconds: 1000)
            } catch {
                return nil
            }
            return Event { $0.sessionUpdate = update() }
        }
    }

    private func update() -> CloudWatchLogs.LiveTailSessionUpdate {
        let (lines, isSampled) = collector.take()
        return CloudWatchLogs.LiveTailSessionUpdate {
            $0.sessionMetadata = CloudWatchLogs.LiveTailSessionMetadata { $0.sampled = isSampled }
            $0.sessionResults = lines.map { line in
                CloudWatchLogs.LiveTailSessionLogEvent {
                    $0.logStreamName = line.event.stream
                    $0.logGroupIdentifier = "\(scope.account):\(line.group)"
                    $0.message = line.event.message
                    $0.timestamp = Int(line.event.time.milliseconds)
                    $0.ingestionTime = Int(line.event.ingestedAt.milliseconds)
                }
            }
        }
    }
}
