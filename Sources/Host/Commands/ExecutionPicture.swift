import AWSModels
import Core

/// A history drawn as the states that were passed, nested as they were.
struct ExecutionPicture {
    struct Row {
        /// The row of the state or iteration that this one is inside of.
        var parent: Int?
        var name: String
        var kind: String
        var outcome: Outcome
        var milliseconds: Int64?
        var attempts = 1
        var note = ""

        /// Iterations, and states that hold other states.
        var holdsOthers: Bool { kind.isEmpty || kind == "Parallel" || kind == "Map" }
    }

    enum Outcome: Sendable { case running, succeeded, failed, aborted }

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
            startIteration(event, after: row)
        } else if type.hasPrefix("MapIteration") {
            endIteration(event, type, parent)
        } else if let row = parent {
            note(event, type, row)
            rowOfEvent[event.id] = row
        }
    }

    private mutating func enter(_ event: StepFunctions.HistoryEvent, _ type: String, after parent: Int?) {
        let name = event.stateEnteredEventDetails?.name ?? "?"
        var container = parent.flatMap { rows[$0].parent }
        if let parent, rows[parent].outcome == .running, rows[parent].holdsOthers { container = parent }
        let kind = String(type.dropLast("StateEntered".count))
        let outcome: Outcome = kind == "Fail" ? .failed : .running
        rows.append(Row(parent: container, name: name, kind: kind, outcome: outcome))
        entered[rows.count - 1] = event.timestamp
        rowOfEvent[event.id] = rows.count - 1
    }

    /// The row of a state that exits: containers exit after events of what they hold.
    private func state(at row: Int, named event: StepFunctions.HistoryEvent) -> Int {
        guard let name = event.stateExitedEventDetails?.name, rows[row].name != name else { return row }
        return rows[...row].lastIndex { $0.name == name && $0.outcome == .running } ?? row
    }

    /// Later iterations follow events of earlier ones: the Map is found by its name.
    private mutating func startIteration(_ event: StepFunctions.HistoryEvent, after row: Int) {
        let detail = event.mapIterationStartedEventDetails
        let map = rows[...row].lastIndex { $0.kind == "Map" && $0.name == detail?.name && $0.outcome == .running }
        rows.append(Row(parent: map ?? row, name: "#\(detail?.index ?? 0)", kind: "", outcome: .running))
        entered[rows.count - 1] = event.timestamp
        rowOfEvent[event.id] = rows.count - 1
    }

    private mutating func endIteration(_ event: StepFunctions.HistoryEvent, _ type: String, _ parent: Int?) {
        guard let parent else { return }
        let row = rows[parent].kind.isEmpty ? parent : rows[parent].parent ?? parent
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

    /// Iterations that are shown one by one; of more, only those that did not succeed.
    private static let iterationLimit = 10

    func text(_ style: Style) -> String {
        var children: [Int?: [Int]] = [:]
        for (index, row) in rows.enumerated() { children[row.parent, default: []].append(index) }
        var table = Table(("STATE", .left), ("TYPE", .left), ("TIME", .right), ("", .left))
        draw(nil, children, depth: 0, style, &table)
        return table.text(style)
    }

    private func draw(_ parent: Int?, _ children: [Int?: [Int]], depth: Int, _ style: Style, _ table: inout Table) {
        let all = children[parent] ?? []
        let iterations = all.filter { rows[$0].kind.isEmpty }
        let hidden = iterations.count > Self.iterationLimit ? iterations.filter { rows[$0].outcome == .succeeded } : []
        for index in all where !hidden.contains(index) {
            let row = rows[index]
            let time = row.milliseconds.map { Readable.duration(milliseconds: $0) } ?? ""
            let note = row.attempts > 1 ? "\(row.note) (\(row.attempts) attempts)" : row.note
            table.add(
                String(repeating: "  ", count: depth) + mark(row.outcome, style) + " " + row.name,
                style.dim(row.kind), time, row.outcome == .succeeded ? style.dim(note) : style.red(note))
            draw(index, children, depth: depth + 1, style, &table)
        }
        if !hidden.isEmpty {
            let indent = String(repeating: "  ", count: depth)
            table.add("\(indent)\(mark(.succeeded, style)) \(hidden.count) iterations", "", "", "")
        }
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
