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

    /// What the process keeps resident now; true when that is more than it may.
    mutating func exceedsLimit(_ process: ChildProcess) -> Bool {
        guard let resident = ProcessTable.residentKilobytes(of: process.pid) else { return false }
        raise(to: resident)
        return resident > limitKilobytes
    }
}
