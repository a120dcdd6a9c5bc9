import Core
import Glibc
import HostTesting
import NIOCore
import Synchronization
import Testing

@testable import Functions

@Suite(.timeLimit(.minutes(2)))
struct PoolTests {
    /// Holds each invocation until a file named in the event exists.
    static let waiting = """
        while True:
            request_id, body = next_invocation()
            path = body.decode().strip('"')
            while path and not os.path.exists(path): time.sleep(0.002)
            respond(request_id, str(os.getpid()).encode())
        """

    @Test func scalesWithDemandAndReusesTheLastUsed() async throws {
        try await TestHost.with { test in
            let function = try test.provided(Self.waiting)
            let gate = "\(test.directory)/gate"
            async let first = test.invoke(function, .string(gate))
            async let second = test.invoke(function, .string(gate))
            async let third = test.invoke(function, .string(gate))
            await waitUntil { test.host.statistics[function]?.runningInvocations == 3 }
            try FilePath.write([], to: gate)
            let pids = await Set([first.text, second.text, third.text])
            #expect(pids.count == 3)
            await waitUntil { test.host.statistics[function]?.idleInstances == 3 }
            var later = Set<String>()
            for _ in 0..<5 { later.insert(await test.invoke(function, "").text) }
            #expect(later.count == 1)
            #expect(later.isSubset(of: pids))
        }
    }

    /// Of many that are wanted only some begin, and the next ones when those are ready.
    @Test func instancesBeginAFewAtATime() async throws {
        let limits = FunctionHostLimits(starts: 3, startMilliseconds: 100_000)
        try await TestHost.with(limits: limits) { test in
            let gate = "\(test.directory)/gate"
            let function = try test.provided("while not os.path.exists('\(gate)'): time.sleep(0.002)\n" + Self.waiting)
            async let answers = withTaskGroup(of: String.self) { group in
                for _ in 0..<12 { group.addTask { await test.invoke(function, .string(gate)).text } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            await waitUntil { test.host.statistics[function]?.waitingInvocations == 12 }
            #expect(test.host.statistics[function]?.instances == 3)
            try FilePath.write([], to: gate)
            #expect(await answers.count == 12)
        }
    }

    /// One that takes long to begin, for whatever reason, does not keep others from it.
    @Test func aSlowBeginningHoldsNobodyUp() async throws {
        try await TestHost.with(limits: FunctionHostLimits(starts: 1, startMilliseconds: 1)) { test in
            let gate = "\(test.directory)/gate"
            let slow = try test.provided("while not os.path.exists('\(gate)'): time.sleep(0.002)\n" + Self.waiting)
            async let first = test.invoke(slow, "")
            async let second = test.invoke(slow, "")
            await waitUntil { test.host.statistics[slow]?.instances == 2 }
            try FilePath.write([], to: gate)
            _ = await (first, second)
        }
    }

    @Test func idleInstancesEndByTheHostsClock() async throws {
        try await TestHost.with(limits: FunctionHostLimits(idleMilliseconds: 60_000)) { test in
            let function = try test.provided(Self.waiting)
            let service = Task { try await test.host.run() }
            let pid = try #require(Int32(await test.invoke(function, "").text))
            await test.clock.waitForSleepers(1)
            await test.clock.advance(by: 59_000)
            await test.clock.waitForSleepers(1)
            #expect(isRunning(pid))
            #expect(test.host.statistics[function]?.idleInstances == 1)
            await test.clock.advance(by: 2000)
            await waitUntil { test.host.statistics[function]?.instances == 0 }
            #expect(ends(pid))
            service.cancel()
            try await service.value
        }
    }

    @Test func reservedConcurrencyRefusesMore() async throws {
        try await TestHost.with { test in
            let function = try test.provided(Self.waiting) { $0.reservedConcurrency = 1 }
            let gate = "\(test.directory)/gate"
            async let first = test.invoke(function, .string(gate))
            await waitUntil { test.host.statistics[function]?.runningInvocations == 1 }
            let refused = await test.invoke(function, "")
            #expect(refused.status == 429)
            let rejection = try #require(refused.rejection)
            #expect(rejection.code == "TooManyRequestsException")
            #expect(rejection.reason.rawValue == "ReservedFunctionConcurrentInvocationLimitExceeded")
            #expect(rejection.message == "Rate Exceeded.")
            try FilePath.write([], to: gate)
            #expect(await first.outcome == .success)
            #expect(await test.invoke(function, "").outcome == .success)
            test.host.setReservedConcurrency(0, of: function)
            #expect(await test.invoke(function, "").rejection?.reason == .reservedConcurrency)
        }
    }

    @Test func accountLimitIsShared() async throws {
        let limiter = ConcurrencyLimiter(accountLimit: 3)
        let (a, b, c) = (key("a"), key("b"), key("c"))
        limiter.reserve(1, for: a)
        #expect(limiter.enter(a) == nil)
        #expect(limiter.enter(a)?.reason == .reservedConcurrency)
        #expect(limiter.enter(b) == nil)
        #expect(limiter.enter(c) == nil)
        #expect(limiter.enter(b)?.reason == .accountConcurrency)
        limiter.leave(c)
        #expect(limiter.enter(b) == nil)
        // What runs moves into the shared account when the reservation ends.
        limiter.reserve(nil, for: a)
        #expect(limiter.enter(c)?.reason == .accountConcurrency)
        limiter.leave(a)
        #expect(limiter.enter(c) == nil)
        #expect(limiter.running == 3)
    }

    private func key(_ name: String) -> FunctionKey { FunctionVersionReference(functionName: name).function }

    @Test func provisionedInstancesAreStartedAheadAndStay() async throws {
        try await TestHost.with(limits: FunctionHostLimits(idleMilliseconds: 1000)) { test in
            let function = try test.provided(Self.waiting) { $0.provisionedConcurrency = 2 }
            await waitUntil { test.host.statistics[function]?.idleInstances == 2 }
            let result = await test.invoke(function, "", wantsLogTail: true)
            #expect(result.report?.initMilliseconds == nil)
            #expect(!result.log.contains("Init Duration"))
            let service = Task { try await test.host.run() }
            await test.clock.waitForSleepers(1)
            await test.clock.advance(by: 100_000)
            await test.clock.waitForSleepers(1)
            #expect(test.host.statistics[function]?.instances == 2)
            service.cancel()
            try await service.value
            #expect(test.host.statistics[function]?.instances == 0)
        }
    }

    @Test func provisionedInstancesThatEndAreReplaced() async throws {
        try await TestHost.with { test in
            let function = try test.provided(
                """
                request_id, body = next_invocation()
                if body == b"null": sys.exit(3)
                respond(request_id, str(os.getpid()).encode())
                next_invocation()
                """
            ) { $0.provisionedConcurrency = 1 }
            await waitUntil { test.host.statistics[function]?.provisionedInstances == 1 }
            let served = await test.invoke(function, 1).text
            #expect(await test.invoke(function).errorType == "Runtime.ExitError")
            #expect(test.host.statistics[function]?.hasProvisioned == true)
            await waitUntil { test.host.statistics[function]?.provisionedInstances == 1 }
            #expect(await test.invoke(function, 1).text != served)
        }
    }

    @Test func provisioningIsGivenUpAndCallersAreServedOnDemand() async throws {
        try await TestHost.with { test in
            let function = try test.python(
                """
                import os
                kind = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
                if kind == "provisioned-concurrency": raise Exception("not today")
                def handler(event, context): return kind
                """
            ) { $0.provisionedConcurrency = 2 }
            #expect(await test.invoke(function).json == "on-demand")
            await waitUntil { test.host.statistics[function]?.hasFailedToProvision == true }
            #expect(await test.invoke(function).json == "on-demand")
            #expect(test.host.statistics[function]?.provisionedInstances == 0)
            #expect(test.host.statistics[function]?.hasProvisioned == false)
        }
    }

    @Test func provisionedConcurrencyChangesWhileInstancesRun() async throws {
        try await TestHost.with { test in
            let function = try test.provided(Self.waiting)
            let first = await test.invoke(function, "").text
            test.host.setProvisionedConcurrency(2, of: function)
            await waitUntil { test.host.statistics[function]?.provisionedInstances == 2 }
            #expect(await test.invoke(function, "").text != first)
            test.host.setProvisionedConcurrency(0, of: function)
            await waitUntil { test.host.statistics[function]?.instances == 1 }
            #expect(await test.invoke(function, "").text == first)
        }
    }

    @Test func reloadServesNewCodeWhileTheOldFinishes() async throws {
        try await TestHost.with { test in
            let gate = "\(test.directory)/gate"
            let slow = """
                import os, time
                def handler(event, context):
                    while not os.path.exists(event): time.sleep(0.002)
                    return "old"
                """
            let function = try test.python(slow)
            async let old = test.invoke(function, .string(gate))
            await waitUntil { test.host.statistics[function]?.runningInvocations == 1 }
            _ = try test.python("def handler(event, context): return 'new'")
            #expect(await test.invoke(function).json == "new")
            try FilePath.write([], to: gate)
            #expect(await old.json == "old")
        }
    }

    @Test func otherFunctionsIdleInstancesMakeRoom() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 1)) { test in
            let first = try test.python("def handler(event, context): return 1")
            let second = try test.provided(Self.waiting)
            #expect(await test.invoke(first).json == 1)
            #expect(await test.invoke(second, "").outcome == .success)
            #expect(await test.invoke(first).json == 1)
            #expect(await test.invoke(try test.shell("echo 3")).json == 3)
        }
    }

    /// The other function's instance is busy when the invocation comes, and idle only afterwards.
    @Test func instancesThatBecomeIdleMakeRoomForThoseWhoWait() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 1)) { test in
            let first = try test.provided(Self.waiting)
            let second = try test.python("def handler(event, context): return 2")
            let third = try test.shell("echo 3")
            let gate = "\(test.directory)/gate"
            async let running = test.invoke(first, .string(gate))
            await waitUntil { test.host.statistics[first]?.runningInvocations == 1 }
            async let waiting = test.invoke(second)
            await waitUntil { test.host.statistics[second]?.waitingInvocations == 1 }
            async let process = test.invoke(third)
            await waitUntil { test.host.statistics[third]?.waitingInvocations == 1 }
            try FilePath.write([], to: gate)
            #expect(await running.outcome == .success)
            #expect(await waiting.json == 2)
            #expect(await process.json == 3)
        }
    }

    @Test func nobodyWaitsForEver() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 1, waitingMilliseconds: 1)) { test in
            let first = try test.provided(Self.waiting) { $0.provisionedConcurrency = 1 }
            let second = try test.python("def handler(event, context): return 2")
            let third = try test.shell("echo 3")
            let gate = "\(test.directory)/gate"
            await waitUntil { test.host.statistics[first]?.idleInstances == 1 }
            async let running = test.invoke(first, .string(gate))
            await waitUntil { test.host.statistics[first]?.runningInvocations == 1 }
            #expect(await test.invoke(second).rejection?.reason == .queueFull)
            #expect(await test.invoke(third).rejection?.reason == .queueFull)
            #expect(test.host.statistics[second]?.waitingInvocations == 0)
            try FilePath.write([], to: gate)
            #expect(await running.outcome == .success)
        }
    }

    @Test func provisionedInstancesLeaveRoomToOthers() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 4)) { test in
            let provisioned = try test.provided(Self.waiting) { $0.provisionedConcurrency = 4 }
            await waitUntil { test.host.statistics[provisioned]?.provisionedInstances == 3 }
            let other = try test.python("def handler(event, context): return 2")
            #expect(await test.invoke(other).json == 2)
        }
    }

    @Test func moreInvocationsThanInstancesWaitTheirTurn() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 2)) { test in
            let function = try test.provided(Self.waiting)
            let pids = await withTaskGroup(of: String.self) { group in
                for _ in 0..<40 { group.addTask { await test.invoke(function, "").text } }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(pids.count == 40)
            #expect(Set(pids).count <= 2)
            #expect(pids.allSatisfy { Int($0) != nil })
        }
    }

    @Test func fullQueueIsRefused() async throws {
        try await TestHost.with(limits: FunctionHostLimits(instances: 1, waiting: 1)) { test in
            let function = try test.provided(Self.waiting)
            let gate = "\(test.directory)/gate"
            async let first = test.invoke(function, .string(gate))
            await waitUntil { test.host.statistics[function]?.runningInvocations == 1 }
            async let second = test.invoke(function, .string(gate))
            await waitUntil { test.host.statistics[function]?.waitingInvocations == 1 }
            #expect(await test.invoke(function, "").rejection?.reason == .queueFull)
            try FilePath.write([], to: gate)
            #expect(await first.outcome == .success)
            #expect(await second.outcome == .success)
        }
    }

    @Test func drainFinishesWhatRunsAndRefusesTheRest() async throws {
        try await TestHost.with { test in
            let function = try test.provided(Self.waiting)
            let gate = "\(test.directory)/gate"
            async let running = test.invoke(function, .string(gate))
            await waitUntil { test.host.statistics[function]?.runningInvocations == 1 }
            async let drained: Void = test.host.drain()
            await waitUntil { test.host.state.withLock { $0.isShutDown } }
            #expect(await test.invoke(function, "").rejection?.reason == .shuttingDown)
            try FilePath.write([], to: gate)
            let result = await running
            #expect(result.outcome == .success)
            await drained
            #expect(ends(try #require(Int32(result.text))))
            #expect(FilePath.children(of: "\(test.directory)/data/instances").isEmpty)
        }
    }

    @Test func theEndOfTheHostDoesNotWaitForEver() async throws {
        try await TestHost.with(limits: FunctionHostLimits(drainMilliseconds: 20)) { test in
            let function = try test.provided(Self.waiting)
            let service = Task { try await test.host.run() }
            async let running = test.invoke(function, "/nowhere")
            await waitUntil { test.host.statistics[function]?.runningInvocations == 1 }
            service.cancel()
            #expect(await running.rejection?.reason == .shuttingDown)
            try await service.value
        }
    }

    @Test func unknownFunctionsAndLargeEventsAreRefused() async throws {
        try await TestHost.with(limits: FunctionHostLimits(payloadBytes: 100)) { test in
            let missing = await test.invoke(FunctionVersionReference(functionName: "nobody"))
            #expect(missing.rejection?.code == "ResourceNotFoundException")
            #expect(missing.status == 404)
            let large = await test.invoke(
                FunctionVersionReference(functionName: "nobody"), .string(String(repeating: "x", count: 200)))
            #expect(large.status == 413)
        }
    }
}

/// Gives other tasks and processes time until the condition holds, up to ten seconds.
func waitUntil(_ condition: () -> Bool) async {
    for _ in 0..<10_000 {
        if condition() { return }
        usleep(1000)
        await Task.yield()
    }
    Issue.record("the condition never came true")
}
