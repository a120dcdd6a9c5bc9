import Core
import Testing

@testable import Functions

struct ControlGroupTests {
    /// Whether this machine lets the tests confine the number of processes.
    static let limitsProcesses: Bool = {
        let hierarchy = ControlGroupHierarchy.prepare(name: "millrace-test-probe")
        defer { hierarchy?.remove() }
        return hierarchy?.directories[.pids] != nil
    }()

    static let mounts = """
        23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        33 31 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        40 31 0:31 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
        """

    @Test(
        arguments: [
            ("cgroup", "memory", "/sys/fs/cgroup/memory"), ("cgroup", "cpu", "/sys/fs/cgroup/cpu,cpuacct"),
            ("cgroup", "pids", nil), ("cgroup2", nil, "/sys/fs/cgroup/unified"),
        ] as [(String, String?, String?)])
    func mountPointsAreFound(_ type: String, _ option: String?, _ path: String?) {
        #expect(ControlGroupHierarchy.mountPoint(Self.mounts, type: type, option: option) == path)
    }

    @Test(
        arguments: [
            ("memory", "/a/b"), ("cpu", "/c"), ("", "/user.slice/x:y"), ("pids", nil),
        ] as [(String, String?)])
    func ownGroupsAreFound(_ controller: String, _ path: String?) {
        let membership = "9:name=systemd:/\n4:memory:/a/b\n3:cpu,cpuacct:/c\n0::/user.slice/x:y\n"
        #expect(ControlGroupHierarchy.ownPath(membership, controller: controller) == path)
    }

    @Test(.enabled(if: limitsProcesses, "this machine lets nobody make control groups"))
    func instancesThatComputeForLongGetTheirShare() async throws {
        try await TestHost.with { test in
            let function = try test.python(
                """
                import time
                def handler(event, context):
                    start = time.process_time()
                    while time.process_time() - start < 2.5: pass
                    return [line.strip() for line in open("/proc/self/cgroup")]
                """
            ) { $0.timeoutSeconds = 120 }
            let groups = try #require(await test.invoke(function).json?.arrayValue)
            let own = groups.compactMap(\.stringValue).filter { $0.contains("/millrace-") }
            let hierarchy = try #require(test.host.controlGroups)
            #expect(own.count == (hierarchy.isUnified ? 1 : hierarchy.directories.count), "\(groups)")
        }
    }

    @Test func limitsFollowTheMemorySize() {
        let limits = ControlGroupLimits(memoryMB: 1769, processes: 10)
        #expect(limits.memoryBytes == 1769 << 20)
        #expect(limits.processorShare == 1)
    }
}
