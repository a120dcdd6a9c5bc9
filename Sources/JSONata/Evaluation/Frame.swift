/// The variables of one scope while it is evaluated: a block, a function call, or one tuple of a path's stream.
///
/// Slots stand behind the header in the same allocation.
final class Frame: ManagedBuffer<Frame.Header, Value> {
    struct Header {
        let parent: Frame?
        let count: Int
        /// Closures that own one another through this frame's values.
        var closureDepth: Int
    }

    static func make(_ count: Int, parent: Frame?) -> Frame {
        let buffer = Frame.create(minimumCapacity: count) { _ in
            Header(parent: parent, count: count, closureDepth: parent?.header.closureDepth ?? 0)
        }
        let frame = unsafeDowncast(buffer, to: Frame.self)
        frame.withUnsafeMutablePointerToElements { $0.initialize(repeating: .unbound, count: count) }
        return frame
    }

    /// Another frame of the same scope with the same values.
    func copy() -> Frame {
        let source = self
        let count = header.count
        let buffer = Frame.create(minimumCapacity: count) { _ in source.header }
        let frame = unsafeDowncast(buffer, to: Frame.self)
        frame.withUnsafeMutablePointerToElements { target in
            source.withUnsafeMutablePointerToElements { target.initialize(from: $0, count: count) }
        }
        return frame
    }

    deinit {
        _ = withUnsafeMutablePointers { header, elements in elements.deinitialize(count: header.pointee.count) }
    }

    @inline(__always) var parent: Frame? { header.parent }

    /// Slot numbers come from the compiler, never from input.
    @inline(__always) subscript(slot: Int) -> Value {
        get { withUnsafeMutablePointerToElements { $0[slot] } }
        set { withUnsafeMutablePointerToElements { $0[slot] = newValue } }
    }

    /// Sets a variable that may be a function.
    @inline(__always) func bind(_ slot: Int, _ value: Value) {
        self[slot] = value
        if case .function(let function) = value, function.closureDepth > header.closureDepth {
            header.closureDepth = function.closureDepth
        }
    }

    /// The frame that many scopes further out.
    @inline(__always) func ancestor(_ hops: Int) -> Frame {
        var frame = self
        for _ in 0..<hops {
            guard let parent = frame.header.parent else { return frame }
            frame = parent
        }
        return frame
    }

    func clear() {
        withUnsafeMutablePointers { header, elements in
            for slot in 0..<header.pointee.count { elements[slot] = .unbound }
        }
    }
}
