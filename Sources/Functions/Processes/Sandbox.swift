import CFunctionSpawn
import Glibc

/// A root directory of their own for functions, with Lambda's places in it: the code at `/var/task`, the layers at `/opt`,
/// a `/tmp` and a process table of each instance's own, the system read-only, and nothing else of the machine.
///
/// Made of mounts in each process's own namespace. It needs root, or a kernel that lets ordinary users make user
/// namespaces. The network is the host's: the Runtime API is reached through it.
struct Sandbox: Sendable {
    /// Holds only empty directories and links: what is mounted on them is seen by the functions alone.
    let root: String
    private let runtimeDirectory: String
    private let systemDirectories: [String]

    static let taskRoot = "/var/task"
    static let layerRoot = "/opt"
    static let runtimeRoot = "/var/runtime"
    static let temporaryRoot = "/tmp"

    private static let system = ["bin", "etc", "lib", "lib32", "lib64", "libx32", "nix", "sbin", "sys", "usr"]

    init(root: String, runtimeDirectory: String) throws(FunctionError) {
        self.root = root
        self.runtimeDirectory = runtimeDirectory
        var directories: [String] = []
        for place in ["proc", "dev", "tmp", "opt", "var/task", "var/runtime"] {
            try FilePath.makeDirectory("\(root)/\(place)")
        }
        for name in Self.system {
            if let target = FilePath.linkTarget(of: "/\(name)") {
                if symlink(target, "\(root)/\(name)") != 0, errno != EEXIST {
                    throw FunctionError(.host, "cannot make \(root)/\(name): \(systemMessage(errno))")
                }
            } else if FilePath.isDirectory("/\(name)") {
                try FilePath.makeDirectory("\(root)/\(name)")
                directories.append("/\(name)")
            }
        }
        systemDirectories = directories
    }

    // MARK: Paths

    /// Where the function sees a file of its code, its layers or the runtime; others keep their path.
    func path(of path: String, in function: FunctionConfiguration) -> String {
        let places =
            [(function.codeDirectory, Self.taskRoot), (runtimeDirectory, Self.runtimeRoot)]
            + function.layers.map { ($0, Self.layerRoot) }
        for (outside, inside) in places where path.hasPrefix(outside + "/") {
            return inside + path.dropFirst(outside.count)
        }
        return path
    }

    /// What a runtime needs from outside of the system's directories; programs with what is installed around them.
    private func prefixes(of runtime: ResolvedRuntime, in function: FunctionConfiguration) -> [String] {
        var prefixes: [String] = []
        for path in runtime.requirements {
            guard let prefix = prefix(of: path, in: function) else { continue }
            if !prefixes.contains(where: { prefix == $0 || prefix.hasPrefix($0 + "/") }) { prefixes.append(prefix) }
        }
        return prefixes
    }

    private func prefix(of path: String, in function: FunctionConfiguration) -> String? {
        guard self.path(of: path, in: function) == path else { return nil }
        guard !systemDirectories.contains(where: { path.hasPrefix($0 + "/") }),
            FilePath.linkTarget(of: "/" + (path.split(separator: "/").first ?? "")) == nil
        else { return nil }
        guard !FilePath.isDirectory(path) else { return path }
        let directory = FilePath.parent(of: path)
        return FilePath.name(of: directory) == "bin" ? FilePath.parent(of: directory) : directory
    }

    // MARK: Processes

    /// Runs a program that does nothing in the sandbox.
    ///
    /// - Parameter directory: stands for the program's code and for its temporary directory.
    /// - Throws: ``FunctionError`` when this machine makes no namespaces for this user.
    func requirePermission(in directory: String) throws(FunctionError) {
        guard let program = ["/bin/true", "/usr/bin/true"].first(where: FilePath.isExecutable) else { return }
        let function = FunctionConfiguration(
            reference: FunctionVersionReference(functionName: "probe"), runtime: "exec", handler: program,
            codeDirectory: directory)
        var request = SpawnRequest(
            executable: program, arguments: [program], environment: [], directory: "/",
            limits: ProcessLimits(fileBytes: 1 << 20))
        let runtime = ResolvedRuntime(contract: .exec, executable: program, arguments: [program])
        apply(to: &request, function: function, runtime, temporary: directory)
        let refusal = "functions cannot be isolated: this machine lets this user make no namespaces"
        let started: SpawnRequest.Started
        do { started = try request.start(input: 0, output: 1, error: 2) } catch {
            throw FunctionError(.host, "\(refusal): \(error.message)")
        }
        defer { close(started.descriptor) }
        var status: CInt = 0
        while waitpid(started.pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw FunctionError(.host, "\(refusal): a program ended with status \(status)") }
    }

    /// Makes the places on which a function's own directories are mounted. Before its first process.
    func prepare(for function: FunctionConfiguration, _ runtime: ResolvedRuntime) throws(FunctionError) {
        for prefix in prefixes(of: runtime, in: function) { try FilePath.makeDirectory(root + prefix) }
        guard function.layers.count < 2 || !function.layers.contains(where: { $0.contains { ":,\\".contains($0) } })
        else {
            throw FunctionError(
                .invalidConfiguration, "a layer's directory must not have a colon, comma or backslash in its path")
        }
    }

    func apply(
        to request: inout SpawnRequest, function: FunctionConfiguration, _ runtime: ResolvedRuntime, temporary: String
    ) {
        request.mounts = mounts(function, runtime, temporary: temporary)
        request.root = root
        request.executable = path(of: request.executable, in: function)
        request.arguments = request.arguments.map { path(of: $0, in: function) }
        request.directory = Self.taskRoot
        request.isolation = UInt32(FS_ISOLATE_MOUNTS | FS_ISOLATE_PROCESSES)
        if geteuid() != 0 { request.isolation |= UInt32(FS_ISOLATE_USER) }
    }

    private func mounts(
        _ function: FunctionConfiguration, _ runtime: ResolvedRuntime, temporary: String
    ) -> [SpawnRequest.Mount] {
        // In a user namespace the kernel may refuse to make a mount read-only; what it shows is not writable there anyway.
        let isOptional = geteuid() != 0
        func bind(_ source: String, _ target: String, isReadOnly: Bool) -> SpawnRequest.Mount {
            SpawnRequest.Mount(
                source: source, target: root + target, isReadOnly: isReadOnly, isOptional: isOptional && isReadOnly)
        }
        var mounts = [bind(root, "", isReadOnly: true)]
        mounts += systemDirectories.map { bind($0, $0, isReadOnly: true) }
        mounts += prefixes(of: runtime, in: function).map { bind($0, $0, isReadOnly: true) }
        mounts += [
            bind("/dev", "/dev", isReadOnly: false), bind("/proc", "/proc", isReadOnly: false),
            SpawnRequest.Mount(source: "proc", target: "\(root)/proc", type: "proc", isOptional: true),
            bind(runtimeDirectory, Self.runtimeRoot, isReadOnly: true),
            bind(function.codeDirectory, Self.taskRoot, isReadOnly: true),
            bind(temporary, Self.temporaryRoot, isReadOnly: false),
        ]
        switch function.layers.count {
        case 0: break
        case 1: mounts.append(bind(function.layers[0], Self.layerRoot, isReadOnly: true))
        default:
            // The last layer covers the others.
            let directories = function.layers.reversed().joined(separator: ":")
            mounts.append(
                SpawnRequest.Mount(
                    source: "overlay", target: root + Self.layerRoot, type: "overlay",
                    options: "lowerdir=\(directories)"))
        }
        return mounts
    }
}
