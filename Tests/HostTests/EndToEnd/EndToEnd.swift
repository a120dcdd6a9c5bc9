import Glibc
import Testing

/// Tests with a process of the program and real sockets, one after another: the machine is theirs.
@Suite(.serialized) enum EndToEnd {}

/// Holds functions up until the test lets them go on: a named pipe that they read from.
struct Gate {
    let path: String

    init(_ path: String) throws {
        self.path = path
        guard mkfifo(path, 0o666) == 0 else { throw TestFailure("no pipe: \(String(cString: strerror(errno)))") }
    }

    /// Lets one that waits go on; waits for it where there is none yet.
    func letOneGo() async throws {
        try await eventually("a function waits at the gate") {
            let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            return write(descriptor, "\n", 1) == 1
        }
    }
}
