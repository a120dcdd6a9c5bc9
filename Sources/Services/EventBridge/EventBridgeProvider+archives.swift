public import AWSModels
import Core
import Events
public import Wire

extension EventBridgeProvider {
    public func createArchive(
        _ input: EventBridge.CreateArchiveRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.CreateArchiveResponse {
        let bus = Self.bus(input.eventSourceArn, context)
        let archive = try await write { [buses] transaction in
            try buses.createArchive(
                input.archiveName, of: bus, summary: input.description, pattern: input.eventPattern,
                retentionDays: input.retentionDays ?? 0, in: transaction)
        }
        return EventBridge.CreateArchiveResponse {
            $0.archiveArn = archive.arn
            $0.state = .enabled
            $0.creationTime = archive.createdAt
        }
    }

    public func updateArchive(
        _ input: EventBridge.UpdateArchiveRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.UpdateArchiveResponse {
        guard input.description != nil || input.eventPattern != nil || input.retentionDays != nil else {
            throw Self.invalid("At least one of EventPattern, RetentionDays or Description must be provided.")
        }
        let archive = try await write { [buses] transaction in
            try buses.changeArchive(input.archiveName, context.scope, in: transaction) { archive in
                if let text = input.description { archive.summary = text }
                if let pattern = input.eventPattern { archive.pattern = pattern.isEmpty ? nil : pattern }
                if let days = input.retentionDays { archive.retentionDays = days }
            }
        }
        return EventBridge.UpdateArchiveResponse {
            $0.archiveArn = archive.arn
            $0.state = .enabled
            $0.creationTime = archive.createdAt
        }
    }

    public func describeArchive(
        _ input: EventBridge.DescribeArchiveRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DescribeArchiveResponse {
        let (archive, contents) = try await read { [buses] transaction in
            let archive = try buses.archive(input.archiveName, context.scope, in: transaction)
            return (archive, try buses.contents(of: archive, in: transaction))
        }
        return EventBridge.DescribeArchiveResponse {
            $0.archiveArn = archive.arn
            $0.archiveName = archive.name
            $0.eventSourceArn = archive.bus.arn
            $0.description = archive.summary
            $0.eventPattern = archive.pattern
            $0.state = .enabled
            $0.retentionDays = archive.retentionDays
            $0.sizeBytes = contents.size
            $0.eventCount = contents.count
            $0.creationTime = archive.createdAt
        }
    }

    public func listArchives(
        _ input: EventBridge.ListArchivesRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListArchivesResponse {
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let bus = input.eventSourceArn.map { Self.bus($0, context) }
        let found = try await read { [buses] transaction in
            guard input.state.map({ $0 == .enabled }) ?? true else { return [] as [(EventArchive, ArchiveContents)] }
            return try buses.archives(
                context.scope, namePrefix: input.namePrefix ?? "", of: bus, after: after, limit: limit + 1,
                in: transaction
            ).map { ($0, try buses.contents(of: $0, in: transaction)) }
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListArchivesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.0.name) }
            $0.archives = page.items.map { archive, contents in
                EventBridge.Archive {
                    $0.archiveName = archive.name
                    $0.eventSourceArn = archive.bus.arn
                    $0.state = .enabled
                    $0.retentionDays = archive.retentionDays
                    $0.sizeBytes = contents.size
                    $0.eventCount = contents.count
                    $0.creationTime = archive.createdAt
                }
            }
        }
    }

    public func deleteArchive(
        _ input: EventBridge.DeleteArchiveRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DeleteArchiveResponse {
        do {
            try await buses.deleteArchive(input.archiveName, context.scope)
        } catch {
            throw Self.failure(error)
        }
        return EventBridge.DeleteArchiveResponse()
    }

    // MARK: Replays

    public func startReplay(
        _ input: EventBridge.StartReplayRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.StartReplayResponse {
        guard let destination = BusKey(arn: input.destination.arn) else {
            throw Self.invalid("Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.")
        }
        let replay = EventReplay(
            context.scope, name: input.replayName, archive: input.eventSourceArn, destination: destination,
            rules: input.destination.filterArns ?? [], summary: input.description, start: input.eventStartTime,
            end: input.eventEndTime, at: buses.clock.now)
        try await write { [buses] in try buses.startReplay(replay, in: $0) }
        return EventBridge.StartReplayResponse {
            $0.replayArn = replay.arn
            $0.state = EventBridge.ReplayState(rawValue: replay.state.rawValue)
            $0.replayStartTime = replay.begunAt
        }
    }

    public func describeReplay(
        _ input: EventBridge.DescribeReplayRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DescribeReplayResponse {
        let replay = try await read { [buses] in try buses.replay(input.replayName, context.scope, in: $0) }
        return EventBridge.DescribeReplayResponse {
            $0.replayName = replay.name
            $0.replayArn = replay.arn
            $0.description = replay.summary
            $0.state = EventBridge.ReplayState(rawValue: replay.state.rawValue)
            $0.eventSourceArn = replay.archive
            $0.destination = EventBridge.ReplayDestination {
                $0.arn = replay.destination.arn
                $0.filterArns = replay.rules.isEmpty ? nil : replay.rules
            }
            $0.eventStartTime = replay.start
            $0.eventEndTime = replay.end
            $0.eventLastReplayedTime = replay.lastReplayed
            $0.replayStartTime = replay.begunAt
            $0.replayEndTime = replay.endedAt
        }
    }

    public func listReplays(
        _ input: EventBridge.ListReplaysRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListReplaysResponse {
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let found = try await read { [buses] transaction in
            try buses.replays(
                context.scope, namePrefix: input.namePrefix ?? "", archive: input.eventSourceArn,
                state: input.state?.rawValue, after: after, limit: limit + 1, in: transaction)
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListReplaysResponse {
            $0.nextToken = page.last.map { ListToken.make($0.name) }
            $0.replays = page.items.map { replay in
                EventBridge.Replay {
                    $0.replayName = replay.name
                    $0.eventSourceArn = replay.archive
                    $0.state = EventBridge.ReplayState(rawValue: replay.state.rawValue)
                    $0.eventStartTime = replay.start
                    $0.eventEndTime = replay.end
                    $0.eventLastReplayedTime = replay.lastReplayed
                    $0.replayStartTime = replay.begunAt
                    $0.replayEndTime = replay.endedAt
                }
            }
        }
    }

    public func cancelReplay(
        _ input: EventBridge.CancelReplayRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.CancelReplayResponse {
        let replay = try await write { [buses] in try buses.cancelReplay(input.replayName, context.scope, in: $0) }
        return EventBridge.CancelReplayResponse {
            $0.replayArn = replay.arn
            $0.state = EventBridge.ReplayState(rawValue: replay.state.rawValue)
        }
    }
}
