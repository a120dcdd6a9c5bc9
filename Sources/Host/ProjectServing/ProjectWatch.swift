import Core
import Project
import ServiceLifecycle

/// Applies the project when the host starts and whenever its files change.
struct ProjectWatch: Service {
    private static let interval: Int64 = 1000

    let project: ProjectService
    let directory: String?
    let ready: @Sendable (ProjectDefinition) async throws -> Void

    init(
        _ project: ProjectService, directory: String?,
        ready: @escaping @Sendable (ProjectDefinition) async throws -> Void
    ) {
        self.project = project
        self.directory = directory
        self.ready = ready
    }

    func run() async throws {
        // Taken before the files are read: whoever mends them while they are applied is not overlooked.
        let seen = directory.map(fingerprint)
        if let directory { try await apply(directory, isStart: true) }
        try await ready(project.definition)
        await cancelWhenGracefulShutdown {
            guard let directory, let seen else {
                try? await gracefulShutdown()
                return
            }
            await watch(directory, since: seen)
        }
    }

    private func watch(_ directory: String, since fingerprint: String) async {
        var seen = fingerprint
        while (try? await project.host.clock.sleep(milliseconds: Self.interval)) != nil {
            let now = self.fingerprint(directory)
            guard now != seen else { continue }
            seen = now
            try? await apply(directory, isStart: false)
        }
    }

    private func fingerprint(_ directory: String) -> String {
        ["functions", "triggers", "workflows"].map { CodeDirectory.fingerprint("\(directory)/\($0)") }.joined()
    }

    /// A project with mistakes is not applied. At the start that leaves what was served before, if there was anything.
    private func apply(_ directory: String, isStart: Bool) async throws {
        let output = Output(json: false)
        do {
            let reading = try await project.read(directory)
            guard reading.problems.isEmpty else {
                for problem in reading.problems { Output.fail(problem.description) }
                return output.note("Nothing was changed on the host. Mend the files: they are read again.")
            }
            for warning in reading.warnings where isStart || !reading.plan.changes.isEmpty {
                output.note("\(output.style.yellow("warning:")) \(warning.description)")
            }
            for change in reading.plan.changes { output.note(Plan.line(change.json, output.style)) }
            if reading.plan.changes.isEmpty, !isStart { return }
            try await project.apply(reading)
        } catch {
            Output.fail("the project could not be applied: \(error)")
        }
    }
}
