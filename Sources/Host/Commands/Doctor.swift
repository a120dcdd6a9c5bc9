import ArgumentParser
import Core
import Functions
import Glibc

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what this machine offers: interpreters, limits, the running host.",
        discussion: "The exit code is 1 when something is missing that most projects need.")

    @OptionGroup var connection: ConnectionOptions

    private struct Check {
        var name: String
        var isFine: Bool
        var found: String
        var mend: String
    }

    func run() async throws {
        let checks =
            [interpreter("python3", "apt-get install python3"), interpreter("node", "apt-get install nodejs")]
            + [openFiles(), watches(), try await host()]
        let output = connection.output
        if output.json {
            output.write(
                .array(
                    checks.map { ["check": .string($0.name), "ok": .bool($0.isFine), "found": .string($0.found)] }))
        } else {
            var table = Table(("", .left), ("CHECK", .left), ("FOUND", .left), ("", .left))
            for check in checks {
                let mark = check.isFine ? output.style.green("✔") : output.style.red("✘")
                table.add(mark, check.name, check.found, check.isFine ? "" : check.mend)
            }
            output.write(table.text(output.style))
        }
        guard checks.allSatisfy(\.isFine) else { throw ExitCode.failure }
    }

    private func interpreter(_ name: String, _ mend: String) -> Check {
        let path = (ConnectionOptions.environment("PATH") ?? "").split(separator: ":").map { String("\($0)/\(name)") }
            .first { (path: String) in access(path, X_OK) == 0 }
        return Check(
            name: name, isFine: path != nil, found: path ?? "not found", mend: "functions that need it fail: \(mend)")
    }

    private func openFiles() -> Check {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Check(
            name: "open files", isFine: limit.rlim_cur >= 1024, found: "\(limit.rlim_cur)",
            mend: "raise it: ulimit -n 65536")
    }

    private func watches() -> Check {
        let text = try? File.read("/proc/sys/fs/inotify/max_user_watches", limit: 64)
        let count = text.flatMap { Int(String(decoding: $0, as: UTF8.self).trimmingNewlines) } ?? 0
        return Check(
            name: "watched directories", isFine: count >= 1000, found: "\(count)",
            mend: "raise it: sysctl fs.inotify.max_user_watches=524288")
    }

    private func host() async throws -> Check {
        let health = try? await connection.withClient { try await $0.admin("GET", "health") }
        return Check(
            name: "host", isFine: health != nil,
            found: health == nil ? "nothing answers at \(connection.address)" : "running at \(connection.address)",
            mend: "start one: millrace up")
    }
}
