import Glibc
import HostTesting
import Storage
import Testing

/// `kill -9` at any instant loses no acknowledged write.
@Suite(.timeLimit(.minutes(2))) struct CrashTests {
    @Test(arguments: ["commit", "second"]) func everyAcknowledgedRowSurvivesBeingKilled(_ durability: String)
        async throws
    {
        let directory = try TemporaryDirectory("crash")
        var random = SystemRandomNumberGenerator()
        var acknowledged: Set<Int> = []
        for round in 0..<8 {
            let producers = round % 2 == 0 ? 16 : 1
            let told = try CrashChild(directory: directory.path, producers: producers, durability: durability)
                .run(killAfterLines: Int.random(in: 1...800, using: &random))
            #expect(!told.isEmpty)
            #expect(acknowledged.isDisjoint(with: told), "a number was given out twice")
            acknowledged.formUnion(told)
            let found = try await rows(in: directory.path)
            #expect(acknowledged.isSubset(of: found), "lost: \(acknowledged.subtracting(found).sorted())")
        }
    }

    private func rows(in directory: String) async throws -> Set<Int> {
        let driver = try SQLiteDriver(directory: directory)
        let connection = try driver.connect(.writer)
        var found: Set<Int> = []
        try connection.run("SELECT id FROM crash_rows", []) { row in
            if case .integer(let id) = row.values[0] { found.insert(Int(id)) }
            return true
        }
        connection.close()
        driver.shutdown()
        return found
    }
}

/// One run of the program that writes until it is killed.
private struct CrashChild {
    let directory: String
    let producers: Int
    let durability: String

    /// Kills it once it has acknowledged this many rows, somewhere in its next one, and returns all it acknowledged.
    func run(killAfterLines limit: Int) throws -> Set<Int> {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let child = try spawn(output: ends[1])
        close(ends[1])
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isKilled = false
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer[..<count]
            if !isKilled, text.count(where: { $0 == 0x0A }) >= limit {
                kill(child, SIGKILL)
                isKilled = true
            }
        }
        close(ends[0])
        var status: Int32 = 0
        waitpid(child, &status, 0)
        #expect(isKilled, "the child ended on its own: \(String(decoding: text.suffix(300), as: UTF8.self))")
        // A last line without its end was cut off by the kill.
        let complete = text.prefix((text.lastIndex(of: 0x0A) ?? -1) + 1)
        return Set(complete.split(separator: 0x0A).compactMap { Int(String(decoding: $0, as: UTF8.self)) })
    }

    private func spawn(output: Int32) throws -> pid_t {
        let program = try #require(Self.program(), "StorageCrashChild is not beside the tests")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, output)
        let words: [String] = [program, directory, String(producers), durability]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        try #require(posix_spawn(&child, program, &actions, nil, &arguments, environ) == 0)
        return child
    }

    /// The build folder is that of the test bundle, or of this program.
    private static func program() -> String? {
        let candidates =
            CommandLine.arguments + [(try? #require(realpath("/proc/self/exe", nil))).map { String(cString: $0) } ?? ""]
        return candidates.lazy.compactMap { path -> String? in
            guard let slash = path.lastIndex(of: "/") else { return nil }
            let file = path[..<slash] + "/StorageCrashChild"
            return access(String(file), X_OK) == 0 ? String(file) : nil
        }.first
    }
}
