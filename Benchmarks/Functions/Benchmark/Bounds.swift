import Glibc
import NIOCore
import Synchronization

/// Two round trips of the sizes of an invocation between two processes, with blocking sockets and nothing else.
enum TCPBound {
    static func twoRoundTripsPerSecond(poller: String, count: Int) throws -> Double {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        precondition(bound, "cannot listen on the loopback interface")
        let port = UInt16(bigEndian: address.sin_port)
        let process = Spawned(poller, ["tcp", "\(port)", "\(count)"], input: nil, output: nil)
        let connection = accept(listener, nil, nil)
        defer { close(connection) }
        var one: CInt = 1
        setsockopt(connection, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let start = NIODeadline.now()
        for _ in 0..<count {
            exchange(connection, &buffer, receive: 80, send: 1300)
            exchange(connection, &buffer, receive: 1200, send: 80)
        }
        let elapsed = NIODeadline.now() - start
        process.wait()
        return Double(count) / (Double(elapsed.nanoseconds) / 1e9)
    }

    private static func exchange(_ connection: CInt, _ buffer: inout [UInt8], receive: Int, send: Int) {
        var received = 0
        while received < receive {
            let count = read(connection, &buffer, buffer.count)
            precondition(count > 0, "the poller closed the connection")
            received += count
        }
        precondition(write(connection, buffer, send) == send)
    }
}

/// `posix_spawn` with two pipes, from as many blocking threads as processes run at once.
enum SpawnBound {
    static func perSecond(poller: String, count: Int, concurrency: Int) -> Double {
        let start = NIODeadline.now()
        var threads = [pthread_t](repeating: pthread_t(), count: concurrency)
        for index in threads.indices {
            let work = Unmanaged.passRetained(Work(poller: poller, count: count / concurrency)).toOpaque()
            pthread_create(
                &threads[index], nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, work)
        }
        for thread in threads { pthread_join(thread, nil) }
        let elapsed = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        return Double(count / concurrency * concurrency) / elapsed
    }

    private final class Work: Sendable {
        private let poller: String
        private let count: Int

        init(poller: String, count: Int) {
            self.poller = poller
            self.count = count
        }

        func run() {
            var event = [UInt8](repeating: UInt8(ascii: "x"), count: 1024)
            for _ in 0..<count {
                var input: [CInt] = [-1, -1]
                var output: [CInt] = [-1, -1]
                precondition(pipe(&input) == 0 && pipe(&output) == 0)
                for descriptor in input + output { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
                let process = Spawned(poller, ["cat"], input: input[0], output: output[1])
                close(input[0])
                close(output[1])
                precondition(write(input[1], event, event.count) == event.count)
                close(input[1])
                while read(output[0], &event, event.count) > 0 {}
                close(output[0])
                process.wait()
            }
        }
    }
}

/// A process started by `posix_spawn`.
struct Spawned {
    private var pid: pid_t = 0

    init(_ path: String, _ arguments: [String], input: CInt?, output: CInt?) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        var pointers = ([path] + arguments).map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        let failure = posix_spawn(&pid, path, &actions, nil, pointers, environ)
        precondition(failure == 0, "cannot start \(path)")
    }

    func wait() {
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
}
