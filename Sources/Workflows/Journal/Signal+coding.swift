import Core

// The numbers of the forms are stored: never change one.

extension Signal {
    func encode(to writer: inout ByteWriter) {
        writer.write(time.milliseconds)
        writer.write(unsigned: seed)
        if !missingActivities.isEmpty {
            writer.write(byte: Self.missingActivitiesForm)
            writer.write(Int64(missingActivities.count))
            for activity in missingActivities { writer.write(activity) }
        }
        kind.encode(to: &writer)
    }

    init(from reader: inout ByteReader) throws(JournalError) {
        let time = Timestamp(milliseconds: try reader.integer())
        let seed = try reader.unsigned()
        var form = try reader.byte()
        var missing: [String] = []
        if form == Self.missingActivitiesForm {
            for _ in 0..<max(0, try reader.integer()) { missing.append(try reader.text()) }
            form = try reader.byte()
        }
        self.init(try Kind(form, from: &reader), at: time, seed: seed)
        missingActivities = missing
    }

    /// Stands before the form of the kind.
    private static let missingActivitiesForm: UInt8 = 12

    static func encode(_ signals: [Signal]) -> [UInt8] {
        var writer = ByteWriter()
        for signal in signals { signal.encode(to: &writer) }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(JournalError) -> [Signal] {
        var reader = ByteReader(bytes)
        var signals: [Signal] = []
        while !reader.isAtEnd { signals.append(try Signal(from: &reader)) }
        return signals
    }
}

extension Signal.Kind {
    func encode(to writer: inout ByteWriter) {
        switch self {
        case .start: writer.write(byte: 1)
        case .clock: writer.write(byte: 2)
        case .taskStarted(let task, let worker):
            writer.write(byte: 3)
            writer.write(task)
            writer.write(worker)
        case .taskSubmitted(let task, let output): writer.write(4, task, output)
        case .taskSucceeded(let task, let output): writer.write(5, task, output)
        case .taskFailed(let task, let failure): writer.write(6, task, failure)
        case .heartbeat(let task):
            writer.write(byte: 7)
            writer.write(task)
        case .mapRunSucceeded(let run, let output): writer.write(8, run, output)
        case .mapRunFailed(let run, let failure): writer.write(9, run, failure)
        case .stop(let failure):
            writer.write(byte: 10)
            writer.write(failure)
        case .redrive(nil): writer.write(byte: 11)
        case .redrive(let token?):
            writer.write(byte: 13)
            writer.write(token)
        }
    }

    init(_ form: UInt8, from reader: inout ByteReader) throws(JournalError) {
        switch form {
        case 1: self = .start
        case 2: self = .clock
        case 3: self = .taskStarted(try reader.integer(), worker: try reader.optionalText())
        case 4: self = .taskSubmitted(try reader.integer(), output: try reader.json())
        case 5: self = .taskSucceeded(try reader.integer(), output: try reader.json())
        case 6: self = .taskFailed(try reader.integer(), try reader.failure())
        case 7: self = .heartbeat(try reader.integer())
        case 8: self = .mapRunSucceeded(try reader.integer(), output: try reader.json())
        case 9: self = .mapRunFailed(try reader.integer(), try reader.failure())
        case 10: self = .stop(try reader.failure())
        case 11: self = .redrive(clientToken: nil)
        case 13: self = .redrive(clientToken: try reader.text())
        case let other: throw JournalError("there is no signal of form \(other)")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ form: UInt8, _ id: Int64, _ output: JSON) {
        write(byte: form)
        write(id)
        write(output)
    }

    fileprivate mutating func write(_ form: UInt8, _ id: Int64, _ failure: ErrorOutput) {
        write(byte: form)
        write(id)
        write(failure)
    }

    mutating func write(_ failure: ErrorOutput) {
        write(failure.error)
        write(failure.cause)
    }
}

extension ByteReader {
    mutating func failure() throws(JournalError) -> ErrorOutput {
        ErrorOutput(error: try optionalText(), cause: try optionalText())
    }
}
