/// An immutable run of plain values that is read without bounds checks or reference counts; its owner frees it.
struct FrozenArray<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    /// `padding` more elements may be read behind the end.
    init(_ elements: [Element], padding: Int = 0, filler: Element? = nil) {
        count = elements.count
        base = .allocate(capacity: max(1, count + padding))
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { base.initialize(from: start, count: source.count) }
        }
        if let filler { (base + count).initialize(repeating: filler, count: padding) }
    }

    @inline(__always) subscript(index: Int) -> Element { base[index] }

    @inline(__always) subscript(index: Int32) -> Element { base[Int(index)] }

    var byteCount: Int { count * MemoryLayout<Element>.stride }

    func deallocate() { base.deallocate() }
}
