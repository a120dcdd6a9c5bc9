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

    /// Programs outside of the system's directories are mounted with what is installed around them.
    private func prefix(of executable: String, in function: FunctionConfiguration) -> String? {
        guard path(of: executable, in: function) == executable else { return nil }
        guard !systemDirectories.contains(where: { executable.hasPrefix($0 + "/") }),
            FilePath.linkTarget(of: "/" + (executable.split(separator: "/").first ?? "")) == nil
        else { return nil }
        let directory = FilePath.parent(of: executable)
        return FilePath.name(of: directory) == "bin" ? FilePath.parent(of: directory) : directory
    }

    // MARK: Processes

    /// Makes the places on which a function's own directories are mounted. Before its first process.
    func prepare(for function: FunctionConfiguration, executable: String) throws(FunctionError) {
        if let prefix = prefix(of: executable, in: function) { try FilePath.makeDirectory(root + prefix) }
        guard function.layers.count < 2 || !function.layers.contains(where: { $0.contains { ":,\\".contains($0) } })
        else {
            throw FunctionError(
                .invalidConfiguration, "a layer's directory must not have a colon, comma or backslash in its path")
        }
    }

    func apply(to request: inout SpawnRequest, function: FunctionConfiguration, temporary: String) {
        request.mounts = mounts(function, executable: request.executable, temporary: temporary)
        request.root = root
        request.executable = path(of: request.executable, in: function)
        request.arguments = request.arguments.map { path(of: $0, in: function) }
        request.directory = Self.taskRoot
        request.isolation = UInt32(FS_ISOLATE_MOUNTS | FS_ISOLATE_PROCESSES)
        if geteuid() != 0 { request.isolation |= UInt32(FS_ISOLATE_USER) }
    }

    private func mounts(
        _ function: FunctionConfiguration, executable: String, temporary: String
    ) -> [SpawnRequest.Mount] {
        // In a user namespace the kernel may refuse to make a mount read-only; what it shows is not writable there anyway.
        let isOptional = geteuid() != 0
        func bind(_ source: String, _ target: String, isReadOnly: Bool) -> SpawnRequest.Mount {
            SpawnRequest.Mount(
                source: source, target: root + target, isReadOnly: isReadOnly, isOptional: isOptional && isReadOnly)
        }
        var mounts = [bind(root, "", isReadOnly: true)]
        mounts += systemDirectories.map { bind($0, $0, isReadOnly: true) }
        if let prefix = prefix(of: executable, in: function) { mounts.append(bind(prefix, prefix, isReadOnly: true)) }
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
