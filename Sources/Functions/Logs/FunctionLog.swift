import Core
import Glibc
import Synchronization

/// The log stream of one instance: the platform's lines and the function's own output, in the order in which they came.
///
/// The function's end of the pipe is read by a reactor's thread, and once more by whoever ends an invocation, so that
/// everything written before the answer belongs to the invocation. Output beyond the limit of an invocation is read and
/// dropped: a flood costs the function its own time and nobody memory.
final class FunctionLog: Sendable {
    struct Limits: Sendable {
        /// Output kept of one invocation.
        var bytesPerInvocation = 8 << 20
        /// A longer line is split.
        var lineBytes = 256 << 10
        /// Lines of the function's own that ``FunctionLog/lastLines`` remembers.
        var rememberedLines = 0
    }

    static let tailBytes = 4096

    private struct State {
        var line: [UInt8] = []
        var tail: LogTail?
        var recent: [String] = []
        var written = 0
        var dropped = 0
        var descriptor: CInt = -1
        var isOpen: Bool { descriptor >= 0 }
    }

    let scope: Scope
    let group: String
    let stream: String
    private let sink: any LogSink
    private let clock: any HostClock
    private let limits: Limits
    private let state = Mutex(State())

    init(
        scope: Scope, group: String, stream: String, sink: any LogSink, clock: any HostClock, limits: Limits
    ) {
        self.scope = scope
        self.group = group
        self.stream = stream
        self.sink = sink
        self.clock = clock
        self.limits = limits
    }

    /// Takes the host's end of the pipe that the function writes to; the log closes it.
    func attach(_ descriptor: CInt) {
        Pipe.setNonBlocking(descriptor)
        state.withLock { $0.descriptor = descriptor }
    }

    /// Starts the account of an invocation, with its first line.
    func beginInvocation(keepsTail: Bool, _ message: String) {
        state.withLock { state in
            read(&state, upTo: 2 * Self.pipeBytes)
            state.written = 0
            state.tail = keepsTail ? LogTail() : nil
            emit([message], &state)
        }
    }

    /// Reads what the function has written and ends the account with the platform's last lines.
    /// Returns the last 4 KB of the invocation's log, when they were asked for.
    ///
    /// - Parameter report: what the last of the messages reports.
    func endInvocation(_ messages: [String], report: ReportedInvocation? = nil) -> [UInt8]? {
        state.withLock { state in
            read(&state, upTo: 2 * Self.pipeBytes)
            flushLine(&state)
            var lines = messages
            if state.dropped > 0 {
                lines.insert(
                    "[\(state.dropped) bytes of output dropped: an invocation may log \(limits.bytesPerInvocation)]\n",
                    at: 0)
                state.dropped = 0
            }
            emit(lines, &state, report: report)
            defer { state.tail = nil }
            return state.tail?.bytes
        }
    }

    /// The function's last lines without their line breaks, each cut at 1,000 characters.
    var lastLines: [String] { state.withLock { $0.recent } }

    /// A line of the platform outside of an invocation's account.
    func append(_ message: String) {
        state.withLock { emit([message], &$0) }
    }

    enum ReadOutcome { case open, closed }

    /// Reads what is there; called when the pipe is readable.
    func readAvailable() -> ReadOutcome {
        state.withLock { state in
            state.isOpen && read(&state, upTo: 4 * Self.pipeBytes) ? .open : .closed
        }
    }

    /// Reads the rest and closes the pipe. Processes that the function left behind lose their reader.
    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            read(&state, upTo: 16 * Self.pipeBytes)
            flushLine(&state)
            closeDescriptor(&state)
        }
    }

    // MARK: Inside the lock

    private static let pipeBytes = 65_536

    private func closeDescriptor(_ state: inout State) {
        guard state.isOpen else { return }
        Glibc.close(state.descriptor)
        state.descriptor = -1
    }

    /// False at the end of the output. The descriptor stays open until `close`, because a reactor still watches it.
    @discardableResult
    private func read(_ state: inout State, upTo limit: Int) -> Bool {
        guard state.isOpen else { return false }
        var remaining = limit
        return withUnsafeTemporaryAllocation(byteCount: Self.pipeBytes, alignment: 16) { buffer in
            while remaining > 0 {
                let count = Glibc.read(state.descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { return true }
                guard count > 0 else {
                    flushLine(&state)
                    return false
                }
                remaining -= count
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &state)
            }
            return true
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ state: inout State) {
        let room = max(0, limits.bytesPerInvocation - state.written)
        let kept = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
        state.written += kept.count
        state.dropped += bytes.count - kept.count
        var lines: [String] = []
        var rest = kept[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            state.line += rest[...end]
            lines.append(Self.text(state.line))
            state.line.removeAll(keepingCapacity: state.line.count < 4096)
            rest = rest[(end + 1)...]
        }
        state.line += rest
        while state.line.count > limits.lineBytes {
            lines.append(Self.text(state.line.prefix(limits.lineBytes)))
            state.line.removeFirst(limits.lineBytes)
        }
        remember(lines, &state)
        emit(lines, &state)
    }

    /// The runtimes write a record of several lines as one, with the byte that no text has in place of its line breaks.
    private static func text(_ line: some Collection<UInt8>) -> String {
        guard line.contains(0xFF) else { return String(decoding: line, as: UTF8.self) }
        return String(decoding: line.map { $0 == 0xFF ? UInt8(ascii: "\n") : $0 }, as: UTF8.self)
    }

    private func remember(_ lines: [String], _ state: inout State) {
        guard limits.rememberedLines > 0 else { return }
        for line in lines.suffix(limits.rememberedLines) {
            state.recent.append(String(line.prefix(1000).prefix { $0 != "\n" }))
        }
        state.recent.removeFirst(max(0, state.recent.count - limits.rememberedLines))
    }

    private func flushLine(_ state: inout State) {
        guard !state.line.isEmpty else { return }
        let line = Self.text(state.line) + "\n"
        state.line = []
        remember([line], &state)
        emit([line], &state)
    }

    private func emit(_ messages: [String], _ state: inout State, report: ReportedInvocation? = nil) {
        guard !messages.isEmpty else { return }
        let now = clock.now
        for message in messages { state.tail?.append(message) }
        // Lambda's logs have no empty lines.
        var records = messages.filter { $0 != "\n" }.map { FunctionLogRecord(timestamp: now, message: $0) }
        guard !records.isEmpty else { return }
        records[records.count - 1].report = report
        sink.append(scope: scope, group: group, stream: stream, records: records)
    }
}

/// The last 4 KB of what was appended.
struct LogTail: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ text: String) {
        let added = text.utf8.suffix(FunctionLog.tailBytes)
        let excess = bytes.count + added.count - FunctionLog.tailBytes
        if excess > 0 { bytes.removeFirst(excess) }
        bytes += added
    }
}
