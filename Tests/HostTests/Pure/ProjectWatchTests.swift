import Core
import Glibc
import HostTesting
import Project
import Storage
import Testing

@testable import millrace

@Suite struct ProjectWatchTests {
    @Test(.timeLimit(.minutes(2))) func `what changes while the project is first applied is applied too`() async throws
    {
        let (data, directory) = (try TemporaryDirectory("data"), try TemporaryDirectory("project"))
        let clock = VirtualClock()
        let host = try await MillraceHost(HostSettings(dataDirectory: data.path), clock: clock)
        let service = ProjectService(host)
        let watch = ProjectWatch(service, directory: directory.path) { _ in
            // The first reading is over, and the host says that it serves.
            try Directory.create("\(directory.path)/functions/late")
            try File.write(
                Array("Runtime: exec\nHandler: run.sh\n".utf8), to: "\(directory.path)/functions/late/function.yaml")
            try File.write(
                Array("#!/bin/sh\n".utf8), to: "\(directory.path)/functions/late/run.sh", permissions: 0o755)
        }
        let running = Task { try await watch.run() }
        await clock.waitForSleepers(1)
        await clock.advance(by: 1000)
        try await eventually("the change is applied") { service.definition.functions.map(\.name) == ["late"] }
        running.cancel()
        try await running.value
        await host.database.close()
    }
    @Test(.timeLimit(.minutes(2))) func `what could not be applied is tried again`() async throws {
        let (data, directory) = (try TemporaryDirectory("data"), try TemporaryDirectory("project"))
        let clock = VirtualClock()
        let host = try await MillraceHost(HostSettings(dataDirectory: data.path), clock: clock)
        let service = ProjectService(host)
        // The machine has no place for the bucket, for now.
        let place = "\(data.path)/buckets/inbox"
        try Directory.create("\(data.path)/buckets")
        try File.write([], to: place)
        try Directory.create("\(directory.path)/triggers")
        try File.write(
            Array("Type: S3\nProperties: {Bucket: inbox}\nTarget: {Queue: jobs}\n".utf8),
            to: "\(directory.path)/triggers/drop.yaml")
        let watch = ProjectWatch(service, directory: directory.path) { _ in }
        let running = Task { try await watch.run() }
        for _ in 0..<5 {
            await clock.waitForSleepers(1)
            await clock.advance(by: 1000)
        }
        await clock.waitForSleepers(1)
        #expect(service.definition.triggers.isEmpty)
        #expect(unlink(place) == 0)
        try await eventually("the project is applied") {
            await clock.waitForSleepers(1)
            await clock.advance(by: 1000)
            return service.definition.triggers.map(\.name) == ["drop"]
        }
        running.cancel()
        try await running.value
        await host.database.close()
    }
}
