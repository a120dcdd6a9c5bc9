import Core
import StatesLanguage
import Storage

/// The journal of an execution: one row a commit, with the signals that were taken and the events they gave.
enum Journal {
    struct Row: Sendable {
        var execution: Int64
        var sequence: Int64
        var firstEvent: Int64
        var signals: [UInt8]
        var events: [UInt8]

        func insert(in transaction: Transaction) throws {
            try transaction.execute(
                """
                INSERT INTO workflows_journal (execution, sequence, first_event, signals, events)
                VALUES ($1, $2, $3, $4, $5)
                """,
                .integer(execution), .integer(sequence), .integer(firstEvent), .blob(signals), .blob(events))
        }
    }

    /// The signals of an execution in their order, row by row.
    static func signals(of execution: Int64, in transaction: Transaction) throws -> [(first: Int64, signals: [Signal])]
    {
        try transaction.query(
            "SELECT first_event, signals FROM workflows_journal WHERE execution = $1 ORDER BY sequence",
            .integer(execution)
        ).map { row in (try row.int64(0), try Signal.decode(try row.blob(1))) }
    }

    /// Gives the state back that an execution had after its last commit.
    ///
    /// - Throws: ``JournalError`` when the signals give other events than were recorded.
    static func replay(
        _ rows: [(first: Int64, signals: [Signal])], identity: ExecutionIdentity, machine: WorkflowMachine
    ) throws(JournalError) -> ExecutionState {
        var state = ExecutionState(identity)
        let silent = machine.recording(false)
        for row in rows {
            guard state.eventCount + 1 == row.first else {
                throw JournalError(
                    "execution \(identity.arn) came to event \(state.eventCount + 1) where \(row.first) was recorded")
            }
            for signal in row.signals { _ = silent.apply(signal, to: &state) }
        }
        return state
    }

    /// A page of the history. `from` is the first event wanted, or the last when going backwards.
    static func events(
        of execution: Int64, from: Int64, limit: Int, reverse: Bool, in transaction: Transaction
    ) throws -> [HistoryEvent] {
        var events: [HistoryEvent] = []
        let sql =
            reverse
            ? """
            SELECT events FROM workflows_journal WHERE execution = $1 AND first_event <= $2 ORDER BY sequence DESC
            """
            : """
            SELECT events FROM workflows_journal WHERE execution = $1 AND sequence >= (
                SELECT COALESCE(MAX(sequence), 0) FROM workflows_journal WHERE execution = $1 AND first_event <= $2)
            ORDER BY sequence
            """
        do {
            try transaction.forEach(sql, [.integer(execution), .integer(from)]) { row in
                let decoded = try HistoryEvent.decode(try row.blob(0))
                let page = reverse ? decoded.reversed() : decoded
                events += page.filter { reverse ? $0.id <= from : $0.id >= from }
                if events.count >= limit { throw EnoughRows() }
            }
        } catch is EnoughRows {}
        return Array(events.prefix(limit))
    }

    private struct EnoughRows: Error {}
}
