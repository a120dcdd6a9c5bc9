import ArgumentParser
import AWSModels
import Core
import Wire

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show the log of a function or a log group.",
        discussion: """
              millrace logs hello              the last hour
              millrace logs -f hello           and on, as lines come
              millrace logs --filter ERROR     of all functions
            """)

    @Argument(help: "Name of a function, or a log group that begins with '/'. Default: all groups.")
    var name: String?

    @Flag(name: .shortAndLong, help: "Follow: show lines as they come.")
    var follow = false

    @Option(help: "How far to look back: 30s, 15m, 2h or 7d.")
    var since = "1h"

    @Option(help: "CloudWatch Logs filter pattern.")
    var filter: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let start = SystemClock().now.adding(milliseconds: -(try milliseconds(since)))
        let (name, follow, filter, output) = (name, follow, filter, connection.output)
        try await connection.withClient { client in
            var reader = LogReader(client: client, output: output, filter: filter, from: start)
            if let name {
                reader.groups = [name.hasPrefix("/") ? name : "/aws/lambda/\(name)"]
            }
            repeat {
                try await reader.readNew(isFollowing: follow)
                if follow { try await Task.sleep(for: .milliseconds(400)) }
            } while follow
        }
    }

    private func milliseconds(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0,
            count < 1_000_000
        else { throw CommandFailure("'\(text)' is no span of time: write 30s, 15m, 2h or 7d", exitCode: .usage) }
        return count * unit
    }
}

/// Reads groups from where it left off.
struct LogReader {
    let client: AWSClient
    let output: Output
    let filter: String?
    var groups: [String]?
    private var start: Timestamp
    /// What has been shown since `start`, with its time.
    private var shown: [String: Timestamp] = [:]

    /// How far behind the latest line others may come: whoever puts events sends them some seconds after their time.
    private static let delay: Int64 = 30_000

    init(client: AWSClient, output: Output, filter: String?, from start: Timestamp) {
        self.client = client
        self.output = output
        self.filter = filter
        self.start = start
    }

    mutating func readNew(isFollowing: Bool) async throws {
        var events: [(group: String, event: CloudWatchLogs.FilteredLogEvent)] = []
        for group in try await names() {
            do {
                events += try await read(group).map { (group, $0) }
            } catch let failure as CommandFailure where failure.exitCode == .notFound {
                if isFollowing { continue }
                throw CommandFailure(
                    "there is no log group '\(group)'"
                        + (group.hasPrefix("/aws/lambda/") ? ": a function's is made when it first runs" : ""),
                    exitCode: .notFound)
            }
        }
        var latest = start
        for (group, event) in events.sorted(by: { ($0.event.timestamp ?? 0) < ($1.event.timestamp ?? 0) }) {
            let time = Timestamp(milliseconds: Int64(event.timestamp ?? 0))
            guard shown.updateValue(time, forKey: event.eventId ?? "") == nil else { continue }
            show(event, of: group)
            latest = max(latest, time)
        }
        start = max(start, latest.adding(milliseconds: -Self.delay))
        shown = shown.filter { $0.value >= start }
    }

    private func names() async throws -> [String] {
        if let groups { return groups }
        var names: [String] = []
        var token: String?
        repeat {
            let next = token
            let page = try await client.call(CloudWatchLogs.Operations.describeLogGroups) { $0.nextToken = next }
            names += (page.logGroups ?? []).compactMap(\.logGroupName)
            token = page.nextToken
        } while token != nil
        return names
    }

    private func read(_ group: String) async throws -> [CloudWatchLogs.FilteredLogEvent] {
        var events: [CloudWatchLogs.FilteredLogEvent] = []
        var token: String?
        repeat {
            let (next, start, filter) = (token, start, filter)
            let page = try await client.call(CloudWatchLogs.Operations.filterLogEvents) { request in
                request.logGroupName = group
                request.startTime = Int(start.milliseconds)
                request.filterPattern = filter
                request.nextToken = next
            }
            events += page.events ?? []
            token = page.nextToken
        } while token != nil && events.count < 100_000
        return events
    }

    private func show(_ event: CloudWatchLogs.FilteredLogEvent, of group: String) {
        let time = Timestamp(milliseconds: Int64(event.timestamp ?? 0))
        let message = (event.message ?? "").trimmingNewlines
        if output.json {
            return output.write(
                JSON.object([
                    "timestamp": .string(time.description), "group": .string(group), "message": .string(message),
                ]).text())
        }
        let name = groups == nil ? output.style.blue(String(group.split(separator: "/").last ?? "")) + " " : ""
        output.write("\(output.style.dim(time.description)) \(name)\(message)")
    }
}

extension String {
    var trimmingNewlines: String { String(reversed().drop { $0.isNewline }.reversed()) }
}
