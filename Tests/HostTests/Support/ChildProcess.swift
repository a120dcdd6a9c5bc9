import Core
import Glibc

/// A process that a test starts, with its output in a file.
final class ChildProcess {
    let pid: pid_t
    /// Both standard output and standard error, unless they were parted.
    let outputPath: String
    private(set) var status: Int32?

    /// - Parameters:
    ///   - input: what stands on standard input; nothing when nil.
    ///   - errors: a file of its own for standard error.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        output: String, errors: String? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errors ?? output, flags, 0o644)
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee.map({ String(cString: $0) }) {
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        // What surrounds the tests must not lead a command to another host.
        for name in variables.keys where name.hasPrefix("AWS_") || name.hasPrefix("MILLRACE_") {
            variables[name] = nil
        }
        variables.merge(environment) { $1 }
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer {
            argv.forEach { free($0) }
            envp.forEach { free($0) }
        }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, program, &actions, nil, &argv, &envp)
        guard code == 0 else { throw TestFailure("\(program) cannot be started: \(String(cString: strerror(code)))") }
        self.pid = pid
        outputPath = output
    }

    deinit {
        guard status == nil else { return }
        Glibc.kill(pid, SIGKILL)
        var ignored: Int32 = 0
        waitpid(pid, &ignored, 0)
    }

    var output: String { (try? File.read(outputPath)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    func signal(_ signal: Int32) { if status == nil { Glibc.kill(pid, signal) } }

    /// The exit code, negative for the signal that ended it; nil while it runs.
    func exitCode() -> Int32? {
        if status == nil {
            var found: Int32 = 0
            if waitpid(pid, &found, WNOHANG) == pid { status = found }
        }
        return status.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : -($0 & 0x7F) }
    }

    func waitForExit(within seconds: Double = 60) async throws -> Int32 {
        try await eventually("\(pid) ends", within: seconds) { self.exitCode() }
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Looks again and again until there is a value, at most for so long.
@discardableResult
func eventually<T>(_ what: String, within seconds: Double = 60, _ look: () async throws -> T?) async throws -> T {
    let deadline = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < deadline else { throw TestFailure("not within \(seconds) s: \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// The same for what is true or not yet.
func eventually(_ what: String, within seconds: Double = 60, _ isTrue: () async throws -> Bool) async throws {
    try await eventually(what, within: seconds) { try await isTrue() ? true : nil as Bool? }
}
