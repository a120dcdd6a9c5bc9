import Core

/// One firing of a schedule of the scheduler: the delivery it makes. Pure.
struct ScheduledInvocation {
    let definition: ScheduleDefinition
    let target: ScheduleTarget
    /// The firing's own time, without the flexible window's delay.
    let scheduledTime: Timestamp
    /// A UUID, the same for every attempt.
    let executionID: String

    static let attemptNumber = "<aws.scheduler.attempt-number>"

    var delivery: NewDelivery {
        let text = target.input.map(filled) ?? standardEvent
        var context: JSONObject = [
            "scheduleArn": .string(definition.key.arn), "scheduledTime": .string(timeText),
            "executionId": .string(executionID), "roleArn": .string(target.roleARN),
        ]
        if text.utf8.count >= Self.attemptNumber.utf8.count, contains(text, Self.attemptNumber) {
            context["hasAttemptNumber"] = true
        }
        add(target.parameters["SqsParameters"], ["MessageGroupId": "messageGroupId"], to: &context)
        add(target.parameters["EventBridgeParameters"], ["DetailType": "detailType", "Source": "source"], to: &context)
        add(target.parameters["KinesisParameters"], ["PartitionKey": "partitionKey"], to: &context)
        if !target.parameters.isEmpty { context["parameters"] = .object(target.parameters) }
        return NewDelivery(
            target: target.arn, kind: .schedule, payload: Array(text.utf8), context: context, retry: target.retry,
            deadLetter: target.deadLetter)
    }

    private func add(_ parameters: JSON?, _ names: KeyValuePairs<String, String>, to context: inout JSONObject) {
        for (name, key) in names {
            if let value = parameters?[name] { context[key] = value }
        }
    }

    private var timeText: String { CivilTime(scheduledTime).iso8601() }

    /// The input with the context attributes that every attempt shares.
    private func filled(_ input: String) -> String {
        guard contains(input, "<aws.scheduler.") else { return input }
        var text = replacing("<aws.scheduler.schedule-arn>", in: input, with: definition.key.arn)
        text = replacing("<aws.scheduler.scheduled-time>", in: text, with: timeText)
        return replacing("<aws.scheduler.execution-id>", in: text, with: executionID)
    }

    /// What a target receives when the schedule names no input; `detail` is text, as Scheduler sends it.
    private var standardEvent: String {
        let event: JSON = [
            "version": "0", "id": .string(executionID), "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": .string(definition.key.scope.account), "time": .string(timeText),
            "region": .string(definition.key.scope.region), "resources": [.string(definition.key.arn)], "detail": "{}",
        ]
        return event.text()
    }
}

extension Delivery {
    /// The delivery as one attempt of it is handed over: the number of the attempt is known only then.
    var attempt: Delivery {
        guard kind == .schedule, context["hasAttemptNumber"] != nil else { return self }
        var copy = self
        copy.payload = numbered(payload, attempts + 1)
        return copy
    }
}

extension NewDelivery {
    /// The same for a delivery that a target takes within the transaction.
    var firstAttempt: NewDelivery {
        guard kind == .schedule, context["hasAttemptNumber"] != nil else { return self }
        var copy = self
        copy.payload = numbered(payload, 1)
        return copy
    }
}

private func numbered(_ payload: [UInt8], _ attempt: Int) -> [UInt8] {
    let text = String(decoding: payload, as: UTF8.self)
    return Array(replacing(ScheduledInvocation.attemptNumber, in: text, with: String(attempt)).utf8)
}

func contains(_ text: String, _ part: String) -> Bool {
    let (bytes, pattern) = (Array(text.utf8), Array(part.utf8))
    guard let first = pattern.first, bytes.count >= pattern.count else { return false }
    return (0...bytes.count - pattern.count).contains { place in
        bytes[place] == first && bytes[place..<place + pattern.count].elementsEqual(pattern)
    }
}

/// Every occurrence of a part replaced, from the left.
func replacing(_ part: String, in text: String, with replacement: String) -> String {
    let (bytes, pattern) = (Array(text.utf8), Array(part.utf8))
    guard let first = pattern.first else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
        if bytes[place] == first, bytes.count - place >= pattern.count,
            bytes[place..<place + pattern.count].elementsEqual(pattern)
        {
            result += replacement.utf8
            place += pattern.count
        } else {
            result.append(bytes[place])
            place += 1
        }
    }
    return String(decoding: result, as: UTF8.self)
}
