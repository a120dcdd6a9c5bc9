/// Values under construction: containers take their elements off the top, moved and not copied.
struct ParseStack<Element>: ~Copyable {
    private var storage: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 0
        storage = UnsafeMutablePointer.allocate(capacity: 0)
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    @inline(__always) mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (storage + count).initialize(to: element)
        count += 1
    }

    mutating func popArray(from start: Int) -> [Element] {
        let taken = count - start
        count = start
        var taking = [Element]()
        taking.reserveCapacity(taken)
        for index in start..<start + taken { taking.append((storage + index).move()) }
        return taking
    }

    private mutating func grow() {
        let larger = max(32, capacity * 2)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        moved.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = moved
        capacity = larger
    }
}
