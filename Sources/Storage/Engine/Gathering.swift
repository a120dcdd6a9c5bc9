/// Decides how long the writer waits for company before it begins a transaction.
///
/// Callers that were answered together usually come back together, a moment after the writer has found an empty queue.
/// Beginning at once would split them into cohorts that take turns, each paying a disk wait. So the writer waits, for a
/// fraction of what the last commit took, for about as many as it last saw; where that does not come true it soon stops
/// trying. One caller alone never waits.
struct Gathering {
    private(set) var expected = 1
    private(set) var patience: UInt64 = 0
    private let limit: UInt64
    private var pause = 0
    private var nextPause = 1
    private var wanted = 1

    init(limit: UInt64) { self.limit = limit }

    mutating func committed(_ count: Int, nanoseconds: UInt64, waiting: Int) {
        if expected > 1 {
            // Did the last wait pay?
            if count * 4 >= expected * 3 {
                nextPause = 1
            } else {
                pause = nextPause
                nextPause = min(nextPause * 2, 64)
            }
        }
        wanted = count + waiting
        if pause > 0 {
            pause -= 1
            expected = 1
        } else {
            expected = wanted
        }
        patience = min(limit, nanoseconds / 2)
    }
}
