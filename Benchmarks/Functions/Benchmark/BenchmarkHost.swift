import Core
import Functions
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A function host with the poller as a warm function and as an `exec` function.
struct BenchmarkHost {
    private let host: FunctionHost
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let warm = FunctionVersionReference(functionName: "warm")
    private let exec = FunctionVersionReference(functionName: "exec")
    private let directory: String
    let startMilliseconds: Double
    /// 1 KB of JSON.
    private let payload = ByteBuffer(string: "\"" + String(repeating: "x", count: 1022) + "\"")

    init(poller: String) throws {
        var template = Array("/tmp/functions-benchmark-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
        let start = NIODeadline.now()
        host = try FunctionHost(
            configuration: FunctionHostConfiguration(
                dataDirectory: "\(directory)/data", usesControlGroups: getenv("WITHOUT_CONTROL_GROUPS") == nil),
            clock: SystemClock(),
            logs: NoLogSink(), eventLoopGroup: group)
        startMilliseconds = Double((NIODeadline.now() - start).nanoseconds) / 1_000_000
        let code = "\(directory)/code"
        mkdir(code, 0o755)
        symlink(realPath(of: poller), "\(code)/bootstrap")
        try host.deploy(
            FunctionConfiguration(
                reference: warm, runtime: "provided.al2023", handler: "none", codeDirectory: code, timeoutSeconds: 30))
        try host.deploy(
            FunctionConfiguration(
                reference: exec, runtime: "exec", handler: "bootstrap", codeDirectory: code, timeoutSeconds: 30,
                arguments: ["cat"]))
    }

    func warmUp() async {
        _ = await warmInvokesPerSecond(count: 1000)
    }

    func warmInvokesPerSecond(count: Int) async -> Double {
        await perSecond(warm, count: count, concurrency: 1)
    }

    func execInvokesPerSecond(count: Int, concurrency: Int) async -> Double {
        await perSecond(exec, count: count, concurrency: concurrency)
    }

    /// Chains of invocations, each started by the end of the one before, on one event loop.
    private func perSecond(_ function: FunctionVersionReference, count: Int, concurrency: Int) async -> Double {
        let loop = group.next()
        let start = NIODeadline.now()
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<concurrency {
                tasks.addTask {
                    await withCheckedContinuation { continuation in
                        let chain = Chain(
                            host: host, function: function, payload: payload, loop: loop,
                            remaining: count / concurrency
                        ) { continuation.resume() }
                        loop.execute { chain.next() }
                    }
                }
            }
        }
        return Double(count / concurrency * concurrency) / (Double((NIODeadline.now() - start).nanoseconds) / 1e9)
    }

    func end() async {
        await host.drain(withinMilliseconds: 2000)
        try? await group.shutdownGracefully()
        for name in ["bootstrap"] { unlink("\(directory)/code/\(name)") }
        rmdir("\(directory)/code")
    }
}

/// One invocation after another. Its state is touched by one invocation's end at a time.
private final class Chain: @unchecked Sendable {
    private let host: FunctionHost
    private let function: FunctionVersionReference
    private let payload: ByteBuffer
    private let loop: any EventLoop
    private let random = SystemRandomSource()
    private var remaining: Int
    private let done: () -> Void

    init(
        host: FunctionHost, function: FunctionVersionReference, payload: ByteBuffer, loop: any EventLoop,
        remaining: Int, done: @escaping () -> Void
    ) {
        self.host = host
        self.function = function
        self.payload = payload
        self.loop = loop
        self.remaining = remaining
        self.done = done
    }

    func next() {
        guard remaining > 0 else { return done() }
        remaining -= 1
        let context = InvocationContext(requestID: UUIDText.random(using: random))
        host.invoke(function, payload: payload, context: context, on: loop) { result in
            guard result.outcome == .success, result.payload.readableBytes == self.payload.readableBytes else {
                fatalError("the benchmark's function failed: \(result)")
            }
            self.next()
        }
    }
}

private func realPath(of path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
}
