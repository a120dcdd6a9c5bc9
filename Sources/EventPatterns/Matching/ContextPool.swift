import Synchronization

/// Working memory for matching, handed from one event to the next. One pool serves all machines: there are as many
/// pieces in use as there are threads that match, however many machines there are.
final class ContextPool: Sendable {
    // Unchecked: a box is in the pool or with one thread, never both.
    final class Box: @unchecked Sendable {
        var context = MatchContext()
    }

    static let shared = ContextPool()

    private let boxes = Mutex<[Box]>([])
    private static let mostBoxes = 8
    /// Memory that one large event has needed is not kept for the small ones.
    private static let mostBytes = 16 << 20

    func take() -> Box { boxes.withLock { $0.popLast() } ?? Box() }

    func giveBack(_ box: Box) {
        guard box.context.byteCount <= Self.mostBytes else { return }
        boxes.withLock { if $0.count < Self.mostBoxes { $0.append(box) } }
    }
}
