import Core
import Glibc
import Project
import ServiceLifecycle

/// Applies the project when the host starts and whenever its files change.
struct ProjectWatch: Service {
    /// Milliseconds
    private static let interval: Int64 = 1000
    /// Between attempts to apply what could not be applied, at most; milliseconds.
    private static let longestDelay: Int64 = 60_000

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
        var failure: String?
        if let directory { failure = await apply(directory, isStart: true) }
        try await ready(project.definition)
        let first = failure
        await cancelWhenGracefulShutdown {
            guard let directory, let seen else {
                try? await gracefulShutdown()
                return
            }
            await watch(directory, since: seen, failure: first)
        }
    }

    /// What could not be applied, because the disk was full for example, is tried again and again, less and less often.
    private func watch(_ directory: String, since fingerprint: String, failure: String?) async {
        var (seen, failure, delay, waited) = (fingerprint, failure, Self.interval, Int64(0))
        var interval = Self.interval
        while (try? await project.host.clock.sleep(milliseconds: interval)) != nil {
            let began = Self.processorMilliseconds
            let now = self.fingerprint(directory)
            waited += interval
            // A project of very many files is looked at less often: that takes a fiftieth of a processor at most.
            interval = max(Self.interval, 50 * (Self.processorMilliseconds - began))
            let isChanged = now != seen
            guard isChanged || failure != nil && waited >= delay else { continue }
            failure = await apply(directory, isStart: false, failure: isChanged ? nil : failure)
            delay = isChanged ? Self.interval : min(2 * delay, Self.longestDelay)
            (seen, waited) = (now, 0)
        }
    }

    /// What this thread has used so far.
    private static var processorMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private func fingerprint(_ directory: String) -> String {
        ["functions", "triggers", "workflows"].map { CodeDirectory.fingerprint("\(directory)/\($0)") }.joined()
    }

    /// A project with mistakes is not applied. At the start that leaves what was served before, if there was anything.
    ///
    /// - Parameter before: why the same could not be applied the last time, which is not said twice.
    /// - Returns: why it could not be applied, if not for mistakes in the project.
    private func apply(_ directory: String, isStart: Bool, failure before: String? = nil) async -> String? {
        let output = Output(json: project.host.settings.isQuiet)
        do {
            let reading = try await project.read(directory)
            guard reading.problems.isEmpty else {
                for problem in reading.problems { Output.fail(problem.description) }
                output.note("Nothing was changed on the host. Mend the files: they are read again.")
                return nil
            }
            for warning in reading.warnings where isStart || !reading.plan.changes.isEmpty {
                output.note("\(output.noteStyle.yellow("warning:")) \(warning.description)")
            }
            if reading.plan.changes.isEmpty, !isStart, before == nil { return nil }
            try await project.apply(reading)
            for change in reading.plan.changes { output.note(Plan.line(change.json, output.noteStyle)) }
            return nil
        } catch {
            let failure = "\(error)"
            if failure != before {
                Output.fail("the project could not be applied, and nothing was changed: \(failure). It is tried again.")
            }
            return failure
        }
    }
}
