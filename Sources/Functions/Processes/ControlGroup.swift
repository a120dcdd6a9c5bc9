import CFunctionSpawn
import Glibc
import Synchronization

/// What a function's processes may use together, whatever they start.
struct ControlGroupLimits: Hashable, Sendable {
    var memoryBytes: Int
    var processes: Int
    /// The share of one processor that it is due under contention: memory buys processor time, 1,769 MB a whole one.
    var processorShare: Double

    init(memoryMB: Int, processes: Int) {
        memoryBytes = memoryMB << 20
        self.processes = processes
        processorShare = Double(memoryMB) / 1769
    }
}

/// The control group of one instance.
final class ControlGroup: Sendable {
    /// Open `cgroup.procs` files: a process joins by writing to them.
    let descriptors: [CInt]
    private let hierarchy: ControlGroupHierarchy
    private let name: String
    private let processorShare: Double
    private let isOpen = Mutex(true)

    /// Nil when the group cannot be made; the function then runs without.
    init?(_ name: String, in hierarchy: ControlGroupHierarchy, limits: ControlGroupLimits) {
        self.name = name
        self.hierarchy = hierarchy
        var opened: [CInt] = []
        for directory in Set(hierarchy.directories.values) {
            guard mkdir("\(directory)/\(name)", 0o755) == 0 else { continue }
            // The share of the processor has a tree of its own in the older kind: `limitProcessor` joins that one.
            if !hierarchy.isUnified, directory == hierarchy.directories[.cpu] { continue }
            let descriptor = open("\(directory)/\(name)/cgroup.procs", O_WRONLY | O_CLOEXEC)
            if descriptor >= 0 { opened.append(descriptor) }
        }
        descriptors = opened
        processorShare = limits.processorShare
        guard !opened.isEmpty else { return nil }
        apply(limits)
    }

    private func apply(_ limits: ControlGroupLimits) {
        if hierarchy.isUnified {
            set(.memory, "memory.max", "\(limits.memoryBytes)")
            set(.memory, "memory.swap.max", "0")
            set(.pids, "pids.max", "\(limits.processes)")
        } else {
            set(.memory, "memory.limit_in_bytes", "\(limits.memoryBytes)")
            set(.memory, "memory.swappiness", "0")
            set(.pids, "pids.max", "\(limits.processes)")
        }
    }

    /// Cuts the processes' share of the processors down to what their memory size buys.
    ///
    /// Not done from the beginning: the scheduler is slower to wake what has a share of its own, which short invocations
    /// feel on a busy machine, and a share matters only to those that compute for long.
    func limitProcessor() {
        if hierarchy.isUnified {
            set(.cpu, "cpu.weight", "\(min(10_000, max(1, Int(processorShare * 100))))")
            return
        }
        set(.cpu, "cpu.shares", "\(max(2, Int(processorShare * 1024)))")
        for pid in processes { set(.cpu, "cgroup.procs", "\(pid)") }
    }

    /// The processes of the group now.
    private var processes: [pid_t] {
        guard let directory = (hierarchy.directories[.pids] ?? hierarchy.directories.values.first),
            let text = FilePath.text(of: "\(directory)/\(name)/cgroup.procs", limit: 65_536)
        else { return [] }
        return text.split(separator: "\n").compactMap { pid_t($0) }
    }

    var limitsMemory: Bool { hierarchy.directories[.memory] != nil }

    /// What the kernel has counted.
    struct Account: Sendable {
        var peakKilobytes: Int?
        var outOfMemoryKills: Int
    }

    var account: Account { Account(peakKilobytes: peakKilobytes, outOfMemoryKills: outOfMemoryKills) }

    /// The largest use of memory so far by all processes together.
    var peakKilobytes: Int? {
        value(.memory, hierarchy.isUnified ? "memory.peak" : "memory.max_usage_in_bytes").map { $0 / 1024 }
    }

    /// How many processes the kernel has killed for want of memory.
    var outOfMemoryKills: Int {
        guard let directory = hierarchy.directories[.memory] else { return 0 }
        let file = hierarchy.isUnified ? "memory.events" : "memory.oom_control"
        let text = FilePath.text(of: "\(directory)/\(name)/\(file)", limit: 4096) ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("oom_kill ") {
            return Int(line.dropFirst("oom_kill ".count)) ?? 0
        }
        return 0
    }

    /// Kills every process of the group, also those that left the process group.
    func kill() {
        for pid in processes where pid > 0 { Glibc.kill(pid, SIGKILL) }
    }

    /// After the end of its processes; what is still busy is removed with the host's directories.
    func remove() {
        let first = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard first else { return }
        kill()
        for descriptor in descriptors { close(descriptor) }
        for directory in Set(hierarchy.directories.values) { rmdir("\(directory)/\(name)") }
    }

    private func set(_ controller: ControlGroupHierarchy.Controller, _ file: String, _ value: String) {
        guard let directory = hierarchy.directories[controller] else { return }
        Self.write(value, to: "\(directory)/\(name)/\(file)")
    }

    private func value(_ controller: ControlGroupHierarchy.Controller, _ file: String) -> Int? {
        guard let directory = hierarchy.directories[controller],
            let text = FilePath.text(of: "\(directory)/\(name)/\(file)", limit: 64)
        else { return nil }
        return Int(text.prefix { $0.isNumber })
    }

    static func write(_ value: String, to path: String) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = Array(value.utf8).withUnsafeBytes { FilePath.writeAll($0, to: file) }
    }
}
