import CFunctionSpawn
import Glibc

/// The control groups of this machine in which functions are confined, where the host may make any.
///
/// Both kinds are known: the unified hierarchy, and the older one with a tree for each controller.
struct ControlGroupHierarchy: Sendable {
    enum Controller: String, Hashable, Sendable, CaseIterable {
        case memory, pids, cpu
    }

    /// The host's own directory in each tree; one and the same in the unified hierarchy.
    let directories: [Controller: String]
    let isUnified: Bool

    /// Nil where the host has no right to make groups, or nothing would limit them.
    static func prepare(name: String) -> ControlGroupHierarchy? {
        guard let mounts = FilePath.text(of: "/proc/self/mountinfo", limit: 1 << 20),
            let membership = FilePath.text(of: "/proc/self/cgroup", limit: 65_536)
        else { return nil }
        return split(mounts, membership, name) ?? unified(mounts, membership, name)
    }

    /// Removes the host's directories; groups that still hold a process stay.
    func remove() {
        for directory in Set(directories.values) {
            for group in FilePath.children(of: directory) { rmdir("\(directory)/\(group)") }
            rmdir(directory)
        }
    }

    // MARK: Finding

    private static func split(_ mounts: String, _ membership: String, _ name: String) -> ControlGroupHierarchy? {
        var directories: [Controller: String] = [:]
        for controller in Controller.allCases {
            guard let mount = mountPoint(mounts, type: "cgroup", option: controller.rawValue),
                let own = ownPath(membership, controller: controller.rawValue),
                let directory = make(in: [mount + own, mount], name)
            else { continue }
            directories[controller] = directory
        }
        return directories.isEmpty ? nil : ControlGroupHierarchy(directories: directories, isUnified: false)
    }

    private static func unified(_ mounts: String, _ membership: String, _ name: String) -> ControlGroupHierarchy? {
        guard let mount = mountPoint(mounts, type: "cgroup2", option: nil),
            let own = ownPath(membership, controller: "")
        else { return nil }
        let parent = own == "/" ? mount : mount + own
        // A group that has members of its own cannot limit others: where this one does, only its administrator can help.
        ControlGroup.write("+memory +pids +cpu", to: "\(parent)/cgroup.subtree_control")
        guard let directory = make(in: [parent], name) else { return nil }
        ControlGroup.write("+memory +pids +cpu", to: "\(directory)/cgroup.subtree_control")
        let enabled = FilePath.text(of: "\(directory)/cgroup.subtree_control", limit: 1024) ?? ""
        let controllers = enabled.split(whereSeparator: { $0 == " " || $0 == "\n" })
            .compactMap { Controller(rawValue: String($0)) }
        guard !controllers.isEmpty else {
            rmdir(directory)
            return nil
        }
        return ControlGroupHierarchy(
            directories: Dictionary(uniqueKeysWithValues: Set(controllers).map { ($0, directory) }), isUnified: true)
    }

    private static func make(in parents: [String], _ name: String) -> String? {
        for parent in parents {
            let tree = parent.hasSuffix("/") ? String(parent.dropLast()) : parent
            let directory = "\(tree)/\(name)"
            guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { continue }
            removeAbandoned(in: tree)
            return directory
        }
        return nil
    }

    /// The directory of a host: a part of its own follows the process identifier, which is given again.
    static func name(of pid: pid_t, _ number: UInt64) -> String { "\(prefix)\(pid)-\(number)" }

    private static let prefix = "millrace-"

    /// Hosts that were killed leave theirs behind; groups that still hold a process stay.
    private static func removeAbandoned(in tree: String) {
        for name in FilePath.children(of: tree) where name.hasPrefix(prefix) {
            guard let pid = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), pid > 0, pid != getpid(),
                kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            for group in FilePath.children(of: "\(tree)/\(name)") { rmdir("\(tree)/\(name)/\(group)") }
            rmdir("\(tree)/\(name)")
        }
    }

    /// Where a tree of the type is mounted, with the option among those of its file system.
    static func mountPoint(_ mounts: String, type: String, option: String?) -> String? {
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let dash = words.firstIndex(of: "-"), words.count > dash + 3, words.count > 4,
                words[dash + 1] == type
            else { continue }
            let options = words[dash + 3].split(separator: ",").map(String.init)
            if option.map(options.contains) ?? true { return words[4] }
        }
        return nil
    }

    /// The path of the host's own group; an empty controller asks for the unified hierarchy.
    static func ownPath(_ membership: String, controller: String) -> String? {
        for line in membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",").map(String.init)
            if controller.isEmpty ? parts[1].isEmpty : controllers.contains(controller) { return String(parts[2]) }
        }
        return nil
    }
}
