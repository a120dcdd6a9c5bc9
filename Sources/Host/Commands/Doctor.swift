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
        // As the host itself looks for them.
        let catalog = InterpreterCatalog.discover(
            searchPath: ConnectionOptions.environment("PATH") ?? "", home: ConnectionOptions.environment("HOME") ?? "")
        let checks = [
            interpreters("python3", catalog.python, "boto3", catalog.pythonSDKs, "apt-get install python3"),
            interpreters("node", catalog.node, "@aws-sdk", catalog.nodeSDKs, "apt-get install nodejs"),
            openFiles(), watches(), try await host(),
        ]
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

    /// - Parameter sdk: what AWS's SDK is called there, which Lambda's runtimes bring along.
    private func interpreters(
        _ name: String, _ found: [InterpreterCatalog.Interpreter], _ sdk: String,
        _ sdks: [InterpreterCatalog.Interpreter], _ mend: String
    ) -> Check {
        func versions(_ list: [InterpreterCatalog.Interpreter]) -> String {
            // One that tells no version is often another path to one that does.
            let versions = Set(list.map(\.version))
            return (versions.count > 1 ? versions.subtracting([[]]) : versions).sorted {
                $0.lexicographicallyPrecedes($1)
            }
            .map { $0.isEmpty ? "of unknown version" : $0.map(String.init).joined(separator: ".") }
            .joined(separator: ", ")
        }
        let library = sdks.isEmpty ? "without \(sdk)" : "with \(sdk): \(versions(sdks))"
        return Check(
            name: name, isFine: !found.isEmpty, found: found.isEmpty ? "not found" : "\(versions(found)); \(library)",
            mend: "functions that need it fail: \(mend)")
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
