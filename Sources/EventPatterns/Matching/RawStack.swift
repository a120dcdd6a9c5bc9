/// A growing run of plain values without bounds checks.
struct RawStack<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 16) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var byteCount: Int { capacity * MemoryLayout<Element>.stride }

    @inline(__always) subscript(index: Int) -> Element {
        get { base[index] }
        set { base[index] = newValue }
    }

    @inline(__always) mutating func push(_ element: Element) {
        if count == capacity { grow(to: count + 1) }
        base[count] = element
        count += 1
    }

    @inline(__always) mutating func truncate(to newCount: Int) { count = newCount }

    /// Room for a number of elements, the first `count` of which keep their values.
    mutating func reserve(_ wanted: Int) {
        if wanted > capacity { grow(to: wanted) }
    }

    private mutating func grow(to wanted: Int) {
        let larger = max(wanted, capacity * 2)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        moved.moveInitialize(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    /// Extends to a number of elements, new ones with one value.
    mutating func extend(to wanted: Int, with element: Element) {
        guard wanted > count else { return }
        reserve(wanted)
        (base + count).initialize(repeating: element, count: wanted - count)
        count = wanted
    }
}
