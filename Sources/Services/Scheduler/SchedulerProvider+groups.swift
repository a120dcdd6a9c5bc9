public import AWSModels
import Core
import Events
public import Wire

extension SchedulerProvider {
    public func createScheduleGroup(
        _ input: Scheduler.CreateScheduleGroupInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.CreateScheduleGroupOutput {
        let group = try await write { [self] transaction in
            let group = try schedules.createGroup(input.name, context.scope, in: transaction)
            try tags.add((input.tags ?? []).map { ($0.key, $0.value) }, to: group.arn, in: transaction)
            return group
        }
        return Scheduler.CreateScheduleGroupOutput { $0.scheduleGroupArn = group.arn }
    }

    public func getScheduleGroup(
        _ input: Scheduler.GetScheduleGroupInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.GetScheduleGroupOutput {
        let found = try await read { [schedules] in try schedules.group(input.name, context.scope, in: $0) }
        guard let group = found else {
            throw Scheduler.Errors.resourceNotFoundException("Schedule group \(input.name) does not exist.")
        }
        return Scheduler.GetScheduleGroupOutput {
            $0.arn = group.arn
            $0.name = group.name
            $0.state = .active
            $0.creationDate = group.createdAt
            $0.lastModificationDate = group.updatedAt
        }
    }

    public func listScheduleGroups(
        _ input: Scheduler.ListScheduleGroupsInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.ListScheduleGroupsOutput {
        let after = try Self.token(input.nextToken, parts: 1)[0]
        let limit = input.maxResults ?? 100
        let found = try await read { [schedules] transaction in
            try schedules.groups(
                context.scope, namePrefix: input.namePrefix ?? "", after: after, limit: limit + 1, in: transaction)
        }
        let page = Page(found, limit: limit)
        return Scheduler.ListScheduleGroupsOutput {
            $0.nextToken = page.last.map { ListToken.make($0.name) }
            $0.scheduleGroups = page.items.map { group in
                Scheduler.ScheduleGroupSummary {
                    $0.arn = group.arn
                    $0.name = group.name
                    $0.state = .active
                    $0.creationDate = group.createdAt
                    $0.lastModificationDate = group.updatedAt
                }
            }
        }
    }

    public func deleteScheduleGroup(
        _ input: Scheduler.DeleteScheduleGroupInput, _ context: RequestContext
    ) async throws(AWSError) -> Scheduler.DeleteScheduleGroupOutput {
        guard input.name != ScheduleStore.defaultGroup else {
            throw Self.invalid("Cannot delete the default schedule group.")
        }
        let arn = context.scope.arn("scheduler", "schedule-group/\(input.name)").description
        try await write { [self] transaction in
            try schedules.deleteGroup(input.name, context.scope, in: transaction)
            try tags.removeAll(of: arn, in: transaction)
        }
        return Scheduler.DeleteScheduleGroupOutput()
    }
}
