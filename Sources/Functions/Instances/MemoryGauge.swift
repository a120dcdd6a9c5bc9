import Glibc
import NIOCore

/// The memory of a process, read seldom enough to cost nothing.
struct MemoryGauge {
    let limitKilobytes: Int
    private(set) var peakKilobytes = 0
    private var lastReading: NIODeadline?

    init(limitMB: Int) { limitKilobytes = limitMB * 1024 }

    var peakMB: Int { max(1, (peakKilobytes + 1023) / 1024) }

    /// Reads the peak from the control group or /proc, unless that was done in the last quarter of a second.
    mutating func refresh(_ process: ChildProcess?, _ group: ControlGroup?, now: NIODeadline) {
        if let lastReading, now - lastReading < .milliseconds(250) { return }
        lastReading = now
        if let peak = group?.peakKilobytes ?? process.flatMap({ ProcessTable.peakKilobytes(of: $0.pid) }) {
            raise(to: peak)
        }
    }

    mutating func raise(to kilobytes: Int) { peakKilobytes = max(peakKilobytes, kilobytes) }

    /// Takes what the process keeps resident now for its peak so far.
    mutating func sample(_ process: ChildProcess?) {
        if let resident = process.flatMap({ ProcessTable.residentKilobytes(of: $0.pid) }) { raise(to: resident) }
    }

    enum Excess { case memory, processes }

    /// Looks at what the process and those it has started keep resident now, and at their number.
    mutating func check(_ process: ChildProcess, processLimit: Int) -> Excess? {
        let tree = ProcessTable.tree(of: process.pid, limit: processLimit + 1)
        raise(to: tree.residentKilobytes)
        if tree.residentKilobytes > limitKilobytes { return .memory }
        return tree.count > processLimit ? .processes : nil
    }
}
