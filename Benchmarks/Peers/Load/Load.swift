import Glibc

/// Keeps every connection busy: the next request leaves when the answer to the one before it has come.
final class Load {
    private static let nanoseconds = 1e9
    /// How long answers are waited for once nothing more is sent, so that the server is at rest afterwards.
    private static let patience = 10.0
    private static let mostFailuresInARow = 1000

    private let options: Options
    private var connections: [Connection] = []
    private var busy = 0
    private var issued = 0
    private var deleted = 0
    private var failuresInARow = 0
    private var now = monotonic()
    private let end: UInt64
    private var report: Report

    init(_ options: Options) {
        self.options = options
        let measured = now + UInt64(options.warmUp * Self.nanoseconds)
        end = measured + UInt64(options.seconds * Self.nanoseconds)
        report = Report(start: now, measured: measured, end: end, connections: options.connections)
        connections = (0..<options.connections).map { _ in
            Connection(port: options.port, request: options.request.bytes, body: options.body)
        }
    }

    func run() throws(Failure) -> Report {
        for connection in connections {
            busy += 1
            try proceed(connection, startNext(connection))
        }
        var ready = [pollfd](repeating: pollfd(), count: connections.count)
        while busy > 0, now < end + UInt64(Self.patience * Self.nanoseconds) {
            for (index, connection) in connections.enumerated() {
                let descriptor = connection.isIdle ? -1 : connection.descriptor
                ready[index] = pollfd(fd: descriptor, events: connection.events, revents: 0)
            }
            poll(&ready, nfds_t(ready.count), 100)
            now = monotonic()
            for (index, connection) in connections.enumerated() where ready[index].revents != 0 {
                try proceed(connection, connection.resume(ready[index].revents))
            }
        }
        if busy > 0 { report.note(error: "\(busy) requests were not answered \(Int(Self.patience)) s after the end") }
        for connection in connections { connection.close() }
        report.finish(at: now)
        return report
    }

    private func proceed(_ connection: Connection, _ first: Connection.Outcome) throws(Failure) {
        var outcome = first
        while true {
            switch outcome {
            case .waits:
                return
            case .answered:
                failuresInARow = 0
                record(connection)
                outcome = startNext(connection)
            case .failed(_, unheard: true):
                connection.close()
                outcome = connection.begin(keepsBody: options.deletion != nil, at: connection.began)
            case .failed(let problem, unheard: false):
                connection.close()
                report.note(error: problem)
                failuresInARow += 1
                if failuresInARow > Self.mostFailuresInARow { throw Failure(text: "port \(options.port): \(problem)") }
                outcome = startNext(connection)
            }
        }
    }

    private func record(_ connection: Connection) {
        guard connection.response.isSuccess else {
            let text = String(decoding: connection.response.kept.prefix(400), as: UTF8.self)
            return report.note(error: "HTTP \(connection.response.status): \(text)")
        }
        var operations = 1
        if let deletion = options.deletion {
            operations = connection.isDeletion ? deletion.deleted(in: connection.response.kept) : 0
            deleted += operations
        }
        report.note(operations: operations, bytes: connection.received, began: connection.began, ended: now)
    }

    private func startNext(_ connection: Connection) -> Connection.Outcome {
        if let deletion = options.deletion {
            if !connection.isIdle, !connection.isDeletion, connection.response.isSuccess,
                let request = deletion.request(deleting: connection.response.kept)
            {
                connection.isDeletion = true
                connection.outgoing = request
                return connection.begin(keepsBody: true, at: now)
            }
            if connection.isDeletion { connection.outgoing = options.request.bytes }
            connection.isDeletion = false
        }
        guard now < end, (options.deletion == nil ? issued : deleted) < options.requests else {
            connection.isIdle = true
            busy -= 1
            return .waits
        }
        options.request.write(issued % options.cycle, into: &connection.outgoing)
        issued += 1
        return connection.begin(keepsBody: options.deletion != nil, at: now)
    }
}

/// Nanoseconds.
func monotonic() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
