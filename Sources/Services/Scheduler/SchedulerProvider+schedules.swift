public import AWSModels
import Core
import Events
import Schedules
public import Wire

extension SchedulerProvider {
    public func createSchedule(
        _ input: Scheduler.CreateScheduleInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.CreateScheduleOutput {
        let definition = try definition(Scheduler.UpdateScheduleInput(copying: input), context)
        try await write { [schedules] transaction in
            guard try schedules.group(definition.key.group, context.scope, in: transaction) != nil else {
                throw Scheduler.Errors.resourceNotFoundException(
                    "Schedule group \(definition.key.group) does not exist.")
            }
            try schedules.create(definition, in: transaction)
        }
        return Scheduler.CreateScheduleOutput { $0.scheduleArn = definition.key.arn }
    }

    public func updateSchedule(
        _ input: Scheduler.UpdateScheduleInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.UpdateScheduleOutput {
        let definition = try definition(input, context)
        try await write { [schedules] transaction in
            try schedules.update(definition, in: transaction)
        }
        return Scheduler.UpdateScheduleOutput { $0.scheduleArn = definition.key.arn }
    }

    public func deleteSchedule(
        _ input: Scheduler.DeleteScheduleInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.DeleteScheduleOutput {
        let key = ScheduleKey(
            context.scope, group: input.groupName ?? ScheduleStore.defaultGroup, name: input.name)
        try await write { [schedules] in try schedules.delete(key, in: $0) }
        return Scheduler.DeleteScheduleOutput()
    }

    public func getSchedule(
        _ input: Scheduler.GetScheduleInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.GetScheduleOutput {
        let key = ScheduleKey(
            context.scope, group: input.groupName ?? ScheduleStore.defaultGroup, name: input.name)
        let found = try await read { [schedules] in try schedules.get(key, in: $0) }.definition
        return Scheduler.GetScheduleOutput {
            $0.arn = key.arn
            $0.name = key.name
            $0.groupName = key.group
            $0.description = found.summary
            $0.state = found.isEnabled ? .enabled : .disabled
            $0.scheduleExpression = found.schedule.expression.source
            $0.scheduleExpressionTimezone = found.schedule.zone.name
            $0.startDate = found.schedule.start
            $0.endDate = found.schedule.end
            $0.flexibleTimeWindow = Self.shape(found.schedule.window)
            $0.target = found.target.map(Self.shape)
            $0.actionAfterCompletion = Scheduler.ActionAfterCompletion(rawValue: found.completion.rawValue)
            $0.kmsKeyArn = found.kmsKeyARN
            $0.creationDate = found.createdAt
            $0.lastModificationDate = found.updatedAt
        }
    }

    public func listSchedules(
        _ input: Scheduler.ListSchedulesInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.ListSchedulesOutput {
        let after = try Self.token(input.nextToken, parts: 2)
        let limit = input.maxResults ?? 100
        if let group = input.groupName {
            _ = try await getScheduleGroup(Scheduler.GetScheduleGroupInput { $0.name = group }, context)
        }
        let found = try await read { [schedules] transaction in
            try schedules.list(
                .scheduler, context.scope, group: input.groupName, namePrefix: input.namePrefix ?? "",
                isEnabled: input.state.map { $0 == .enabled }, after: (after[0], after[1]), limit: limit + 1,
                in: transaction)
        }
        let page = Page(found.map(\.definition), limit: limit)
        return Scheduler.ListSchedulesOutput {
            $0.nextToken = page.last.map { ListToken.make($0.key.group, $0.key.name) }
            $0.schedules = page.items.map { schedule in
                Scheduler.ScheduleSummary {
                    $0.arn = schedule.key.arn
                    $0.name = schedule.key.name
                    $0.groupName = schedule.key.group
                    $0.state = schedule.isEnabled ? .enabled : .disabled
                    $0.target = Scheduler.TargetSummary { $0.arn = schedule.target?.arn ?? "" }
                    $0.creationDate = schedule.createdAt
                    $0.lastModificationDate = schedule.updatedAt
                }
            }
        }
    }

    // MARK: Definitions

    private func definition(
        _ input: Scheduler.UpdateScheduleInput, _ context: RequestContext
    ) throws(AWSError) -> ScheduleDefinition {
        let expression: ScheduleExpression
        do {
            expression = try ScheduleExpression(input.scheduleExpression, dialect: .scheduler)
        } catch {
            throw Self.invalid(error.message)
        }
        let zone: TimeZoneRules
        let name = input.scheduleExpressionTimezone ?? "UTC"
        do {
            zone = try schedules.zones.zone(named: name)
        } catch {
            throw Self.invalid("Invalid Schedule Expression Timezone \(name).")
        }
        if let start = input.startDate, let end = input.endDate, start >= end {
            throw Self.invalid("The StartDate you specify must be before the EndDate.")
        }
        let schedule = Schedule(
            expression, zone: zone, created: clock.now, start: input.startDate, end: input.endDate,
            window: try Self.window(input.flexibleTimeWindow))
        let key = ScheduleKey(
            context.scope, group: input.groupName ?? ScheduleStore.defaultGroup, name: input.name)
        return ScheduleDefinition(
            key, schedule, isEnabled: input.state != .disabled, target: try Self.target(input.target),
            completion: input.actionAfterCompletion == .delete ? .delete : .keep, summary: input.description,
            kmsKeyARN: input.kmsKeyArn)
    }

    private static func window(
        _ window: Scheduler.FlexibleTimeWindow
    ) throws(AWSError) -> Schedules.FlexibleTimeWindow {
        guard window.mode == .flexible else {
            guard window.maximumWindowInMinutes == nil else {
                throw invalid("MaximumWindowInMinutes must not be set when FlexibleTimeWindow mode is OFF.")
            }
            return .off
        }
        guard let minutes = window.maximumWindowInMinutes,
            let flexible = Schedules.FlexibleTimeWindow(maximumMinutes: minutes)
        else { throw invalid("MaximumWindowInMinutes must be set when FlexibleTimeWindow mode is FLEXIBLE.") }
        return flexible
    }

    private static func shape(_ window: Schedules.FlexibleTimeWindow) -> Scheduler.FlexibleTimeWindow {
        Scheduler.FlexibleTimeWindow {
            $0.mode = window.maximumMinutes == 0 ? .off : .flexible
            $0.maximumWindowInMinutes = window.maximumMinutes == 0 ? nil : window.maximumMinutes
        }
    }

    private static let parameterNames = [
        "EcsParameters", "EventBridgeParameters", "KinesisParameters", "SageMakerPipelineParameters", "SqsParameters",
    ]

    private static func target(_ shape: Scheduler.Target) throws(AWSError) -> ScheduleTarget {
        guard let arn = ARN(shape.arn) else { throw invalid("Provided Arn is not in correct format.") }
        if arn.service == "events", arn.resource.hasPrefix("event-bus/"), shape.eventBridgeParameters == nil {
            throw invalid("EventBridgeParameters must be provided for the target \(shape.arn).")
        }
        let all = shape.json
        let parameters = parameterNames.compactMap { name in all[name].map { (name, $0) } }
        return ScheduleTarget(
            arn: shape.arn, roleARN: shape.roleArn, input: shape.input,
            maximumAge: shape.retryPolicy?.maximumEventAgeInSeconds,
            maximumRetries: shape.retryPolicy?.maximumRetryAttempts, deadLetter: shape.deadLetterConfig?.arn,
            parameters: JSONObject(parameters))
    }

    private static func shape(_ target: ScheduleTarget) -> Scheduler.Target {
        var shape = Scheduler.Target(json: .object(target.parameters)) ?? Scheduler.Target()
        shape.arn = target.arn
        shape.roleArn = target.roleARN
        shape.input = target.input
        shape.retryPolicy = Scheduler.RetryPolicy {
            $0.maximumEventAgeInSeconds = target.maximumAge ?? 86_400
            $0.maximumRetryAttempts = target.maximumRetries ?? 185
        }
        shape.deadLetterConfig = target.deadLetter.map { arn in Scheduler.DeadLetterConfig { $0.arn = arn } }
        return shape
    }
}

extension Scheduler.UpdateScheduleInput {
    /// Creating and updating take the same members.
    fileprivate init(copying input: Scheduler.CreateScheduleInput) {
        self.init()
        for (index, value) in input.record.values.enumerated() { record[raw: index] = value }
    }
}
