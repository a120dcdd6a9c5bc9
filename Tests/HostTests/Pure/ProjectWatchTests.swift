import Core
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
}
