import Synchronization

/// What concurrent parts of a test saw, in the order in which they said so.
public final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    public init() {}

    public func record(_ element: Element) { elements.withLock { $0.append(element) } }

    public var recorded: [Element] { elements.withLock { $0 } }
}
