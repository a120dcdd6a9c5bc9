import Core
import Functions
import Synchronization

/// Keeps every line.
final class MemoryLog: LogSink {
    private let lines = Mutex<[(group: String, stream: String, message: String)]>([])

    func append(scope: Scope, group: String, stream: String, records: [FunctionLogRecord]) {
        lines.withLock { $0 += records.map { (group, stream, $0.message) } }
    }

    var messages: [String] { lines.withLock { $0.map(\.message) } }

    var text: String { messages.joined() }

    var streams: Set<String> { lines.withLock { Set($0.map(\.stream)) } }

    var bytes: Int { lines.withLock { $0.reduce(0) { $0 + $1.message.utf8.count } } }
}
