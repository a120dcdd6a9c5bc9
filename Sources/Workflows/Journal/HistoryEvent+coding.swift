import Core

extension HistoryEvent {
    static func encode(_ events: [HistoryEvent]) -> [UInt8] {
        var writer = ByteWriter(capacity: events.count * 96)
        for event in events { event.encode(to: &writer) }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(JournalError) -> [HistoryEvent] {
        var reader = ByteReader(bytes)
        var events: [HistoryEvent] = []
        while !reader.isAtEnd { events.append(try HistoryEvent(from: &reader)) }
        return events
    }

    private func encode(to writer: inout ByteWriter) {
        writer.write(byte: type.rawValue)
        writer.write(id)
        writer.write(id - previousID)
        writer.write(timestamp.milliseconds)
        details.encode(to: &writer)
    }

    private init(from reader: inout ByteReader) throws(JournalError) {
        let raw = try reader.byte()
        guard let type = HistoryEventType(rawValue: raw) else {
            throw JournalError("there is no history event of type \(raw)")
        }
        let id = try reader.integer()
        let previous = id &- (try reader.integer())
        let time = Timestamp(milliseconds: try reader.integer())
        self.init(
            id: id, previousID: previous, timestamp: time, type: type, details: try HistoryEventDetails(from: &reader))
    }
}

// The numbers of the forms are stored: never change one.

extension HistoryEventDetails {
    fileprivate func encode(to writer: inout ByteWriter) {
        switch self {
        case .none: writer.write(byte: 0)
        case .executionStarted(let input, let role, let version, let alias):
            writer.write(byte: 1)
            writer.write(input)
            writer.write(role)
            writer.write(version)
            writer.write(alias)
        case .executionRedriven(let count): writer.write(2, count)
        case .output(let output):
            writer.write(byte: 3)
            writer.write(output)
        case .failure(let failure):
            writer.write(byte: 4)
            writer.write(failure)
        case .stateEntered(let name, let input):
            writer.write(byte: 5)
            writer.write(name)
            writer.write(input)
        case .stateExited(let name, let output, let assigned):
            writer.write(byte: 6)
            writer.write(name)
            writer.write(output)
            writer.write(assigned) { $0.write(JSON.object($1)) }
        case .taskScheduled(let task): task.encode(to: &writer)
        case .workScheduled(let work): work.encode(to: &writer)
        case .taskStarted(let resource, let type): writer.write(9, resource, type)
        case .taskOutput(let resource, let type, let output):
            writer.write(10, resource, type)
            writer.write(output)
        case .taskFailure(let resource, let type, let failure):
            writer.write(11, resource, type)
            writer.write(failure)
        case .activityStarted(let worker):
            writer.write(byte: 12)
            writer.write(worker)
        case .mapStarted(let length): writer.write(13, length)
        case .mapIteration(let name, let index):
            writer.write(byte: 14)
            writer.write(name)
            writer.write(index)
        case .mapRun(let arn):
            writer.write(byte: 15)
            writer.write(arn)
        case .mapRunRedriven(let arn, let count):
            writer.write(byte: 16)
            writer.write(arn)
            writer.write(count)
        case .evaluationFailed(let failure, let location, let state):
            writer.write(byte: 17)
            writer.write(failure)
            writer.write(location)
            writer.write(state)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(JournalError) {
        switch try reader.byte() {
        case 0: self = .none
        case 1:
            self = .executionStarted(
                input: try reader.text(), roleARN: try reader.text(), versionARN: try reader.optionalText(),
                aliasARN: try reader.optionalText())
        case 2: self = .executionRedriven(count: try reader.integer())
        case 3: self = .output(try reader.text())
        case 4: self = .failure(try reader.failure())
        case 5: self = .stateEntered(name: try reader.text(), input: try reader.text())
        case 6:
            self = .stateExited(
                name: try reader.text(), output: try reader.text(),
                assigned: try reader.optional { reader throws(JournalError) in try reader.json() }?.objectValue)
        case 7: self = .taskScheduled(try TaskScheduledDetails(from: &reader))
        case 8: self = .workScheduled(try WorkScheduledDetails(from: &reader))
        case 9: self = .taskStarted(resource: try reader.text(), resourceType: try reader.text())
        case 10:
            self = .taskOutput(
                resource: try reader.text(), resourceType: try reader.text(), output: try reader.json())
        case 11:
            self = .taskFailure(resource: try reader.text(), resourceType: try reader.text(), try reader.failure())
        case 12: self = .activityStarted(worker: try reader.optionalText())
        case 13: self = .mapStarted(length: try reader.integer())
        case 14: self = .mapIteration(name: try reader.text(), index: try reader.integer())
        case 15: self = .mapRun(arn: try reader.text())
        case 16: self = .mapRunRedriven(arn: try reader.text(), count: try reader.integer())
        case 17:
            self = .evaluationFailed(
                try reader.failure(), location: try reader.optionalText(), state: try reader.text())
        case let other: throw JournalError("there are no event details of form \(other)")
        }
    }
}

extension TaskScheduledDetails {
    fileprivate func encode(to writer: inout ByteWriter) {
        writer.write(7, resource, resourceType)
        writer.write(region)
        writer.write(parameters)
        writer.write(timeout)
        writer.write(heartbeat)
        writer.write(roleARN)
    }

    fileprivate init(from reader: inout ByteReader) throws(JournalError) {
        self.init(
            resource: try reader.text(), resourceType: try reader.text(), region: try reader.text(),
            parameters: try reader.json(), timeout: try reader.optionalInteger(),
            heartbeat: try reader.optionalInteger(), roleARN: try reader.optionalText())
    }
}

extension WorkScheduledDetails {
    fileprivate func encode(to writer: inout ByteWriter) {
        writer.write(byte: 8)
        writer.write(resource)
        writer.write(input)
        writer.write(timeout)
        writer.write(heartbeat)
        writer.write(roleARN)
    }

    fileprivate init(from reader: inout ByteReader) throws(JournalError) {
        self.init(
            resource: try reader.text(), input: try reader.json(), timeout: try reader.optionalInteger(),
            heartbeat: try reader.optionalInteger(), roleARN: try reader.optionalText())
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ form: UInt8, _ resource: String, _ type: String) {
        write(byte: form)
        write(resource)
        write(type)
    }

    fileprivate mutating func write(_ form: UInt8, _ value: Int64) {
        write(byte: form)
        write(value)
    }
}
