import AWSModels
import Core

/// A history drawn as the states that were passed, nested as they were.
struct ExecutionPicture {
    private struct Open {
        var row: Int
        var entered: Timestamp
    }

    struct Row {
        var depth: Int
        var name: String
        var kind: String
        var outcome: Outcome
        var milliseconds: Int64?
        var attempts = 1
        var note = ""
    }

    enum Outcome { case running, succeeded, failed, aborted }

    private(set) var rows: [Row] = []
    /// By the identifier of the event that stands for the state: its row.
    private var rowOfEvent: [Int: Int] = [:]
    private var entered: [Int: Timestamp] = [:]

    init(_ events: [StepFunctions.HistoryEvent]) {
        for event in events { add(event) }
    }

    private mutating func add(_ event: StepFunctions.HistoryEvent) {
        let type = event.type.rawValue
        let parent = rowOfEvent[event.previousEventId ?? 0]
        if type.hasSuffix("StateEntered") {
            enter(event, type, after: parent)
        } else if type.hasSuffix("StateExited"), let row = parent.map({ state(at: $0, named: event) }) {
            rows[row].outcome = .succeeded
            rows[row].milliseconds = entered[row].map { event.timestamp.milliseconds(since: $0) }
            rowOfEvent[event.id] = row
        } else if type.hasSuffix("StateAborted"), let row = parent {
            rows[row].outcome = .aborted
            rowOfEvent[event.id] = row
        } else if type == "MapIterationStarted", let row = parent {
            let detail = event.mapIterationStartedEventDetails
            rows.append(
                Row(depth: rows[row].depth + 1, name: "#\(detail?.index ?? 0)", kind: "", outcome: .running))
            entered[rows.count - 1] = event.timestamp
            rowOfEvent[event.id] = rows.count - 1
        } else if type.hasPrefix("MapIteration") {
            endIteration(event, type, parent)
        } else if let row = parent {
            note(event, type, row)
            rowOfEvent[event.id] = row
        }
    }

    private mutating func enter(_ event: StepFunctions.HistoryEvent, _ type: String, after parent: Int?) {
        let name = event.stateEnteredEventDetails?.name ?? "?"
        var depth = 0
        if let parent {
            // A state after a finished one stands beside it; one that a container starts stands inside.
            let isInside = rows[parent].kind.isEmpty || ["Parallel", "Map"].contains(rows[parent].kind)
            depth = rows[parent].depth + (isInside && rows[parent].outcome == .running ? 1 : 0)
        }
        let kind = String(type.dropLast("StateEntered".count))
        let outcome: Outcome = kind == "Fail" ? .failed : .running
        rows.append(Row(depth: depth, name: name, kind: kind, outcome: outcome))
        entered[rows.count - 1] = event.timestamp
        rowOfEvent[event.id] = rows.count - 1
    }

    /// The row of a state that exits: containers exit after events of what they hold.
    private func state(at row: Int, named event: StepFunctions.HistoryEvent) -> Int {
        guard let name = event.stateExitedEventDetails?.name, rows[row].name != name else { return row }
        return rows[...row].lastIndex { $0.name == name && $0.outcome == .running } ?? row
    }

    private mutating func endIteration(_ event: StepFunctions.HistoryEvent, _ type: String, _ parent: Int?) {
        guard let parent else { return }
        let row = rows[...parent].lastIndex { $0.kind.isEmpty && $0.outcome == .running } ?? parent
        rows[row].outcome = type.hasSuffix("Succeeded") ? .succeeded : type.hasSuffix("Aborted") ? .aborted : .failed
        rows[row].milliseconds = entered[row].map { event.timestamp.milliseconds(since: $0) }
        rowOfEvent[event.id] = row
    }

    private mutating func note(_ event: StepFunctions.HistoryEvent, _ type: String, _ row: Int) {
        if type.hasSuffix("Scheduled"), !rows[row].note.isEmpty { rows[row].attempts += 1 }
        guard type.hasSuffix("Failed") || type.hasSuffix("TimedOut") else { return }
        let error =
            event.taskFailedEventDetails?.error ?? event.lambdaFunctionFailedEventDetails?.error
            ?? event.taskTimedOutEventDetails?.error ?? event.executionFailedEventDetails?.error
            ?? event.evaluationFailedEventDetails?.error
        guard let error else { return }
        rows[row].note = error
        if type.hasPrefix("Execution") { rows[row].outcome = .failed }
    }

    // MARK: Drawing

    func text(_ style: Style) -> String {
        var table = Table(("STATE", .left), ("TYPE", .left), ("TIME", .right), ("", .left))
        for row in rows {
            let time = row.milliseconds.map { Readable.duration(milliseconds: $0) } ?? ""
            var note = row.note
            if row.attempts > 1 { note += " (\(row.attempts) attempts)" }
            table.add(
                String(repeating: "  ", count: row.depth) + mark(row.outcome, style) + " " + row.name,
                style.dim(row.kind), time, row.outcome == .succeeded ? style.dim(note) : style.red(note))
        }
        return table.text(style)
    }

    private func mark(_ outcome: Outcome, _ style: Style) -> String {
        switch outcome {
        case .running: style.blue("▸")
        case .succeeded: style.green("✔")
        case .failed: style.red("✘")
        case .aborted: style.yellow("■")
        }
    }

    static func coloured(_ status: String, _ style: Style) -> String {
        switch status {
        case "SUCCEEDED": style.green(status)
        case "RUNNING", "PENDING_REDRIVE": style.blue(status)
        case "ABORTED": style.yellow(status)
        default: style.red(status)
        }
    }
}
