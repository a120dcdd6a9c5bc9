import Core
import Glibc
import Synchronization

/// Watches directories with everything below them and reports changes, on a thread of its own.
///
/// A directory that appears is watched before it is reported, so that whoever then looks into it misses nothing; what
/// was there already is left to the caller to find. Changes may be reported twice, never not at all.
public final class FileWatch: Sendable {
    private enum Command: Sendable {
        case add(Int, WatchedTree.Root, UnsafeContinuation<Void, any Error>)
        case remove(Int, UnsafeContinuation<Void, Never>)
        case close(UnsafeContinuation<Void, Never>)
    }

    private struct State {
        var commands: [Command] = []
        var isOver = false
    }

    private let driver: any FileWatchDriver
    private let state = Mutex(State())
    private let sink: @Sendable ([FileChange]) -> Void

    /// - Parameter sink: gets the changes in order, on the watch's thread, which it must not hold up: while it works the
    ///   system's queue fills.
    public init(driver: any FileWatchDriver, sink: @escaping @Sendable ([FileChange]) -> Void) throws(FileWatchError) {
        self.driver = driver
        self.sink = sink
        guard startDetachedThread(name: "file-watch", { [self] in run() }) else {
            throw FileWatchError(path: "the file system", code: 0, reason: "no thread could be started")
        }
    }

    /// Watches a directory and all below it, but for the names given, directly in it. Returns when all of it is watched.
    public func add(root: Int, directory: String, excluding excluded: Set<String> = []) async throws {
        try await withUnsafeThrowingContinuation { caller in
            submit(.add(root, .init(directory: directory, excluded: excluded), caller))
        }
    }

    public func remove(root: Int) async {
        await withUnsafeContinuation { caller in submit(.remove(root, caller)) }
    }

    /// Ends the thread. No change is reported after it returns.
    public func close() async {
        await withUnsafeContinuation { caller in submit(.close(caller)) }
    }

    private func submit(_ command: Command) {
        let isOver = state.withLock { state in
            if !state.isOver {
                state.commands.append(command)
                // While nobody can close the driver: the descriptor that wakes it may be another file's a moment later.
                driver.wake()
            }
            return state.isOver
        }
        if isOver { refuse(command) }
    }

    private func refuse(_ command: Command) {
        switch command {
        case .add(_, let root, let caller):
            caller.resume(
                throwing: FileWatchError(path: root.directory, code: 0, reason: "the watch has been closed"))
        case .remove(_, let caller), .close(let caller): caller.resume()
        }
    }

    // MARK: The thread

    private func run() {
        var tree = WatchedTree()
        while true {
            let commands = state.withLock { state in
                defer { state.commands = [] }
                return state.commands
            }
            for (position, command) in commands.enumerated() where !perform(command, &tree) {
                // What came with the end has nobody else who would answer it.
                for late in commands[(position + 1)...] { refuse(late) }
                return
            }
            do throws(FileWatchError) {
                let events = try driver.events()
                var changes: [FileChange] = []
                for event in events { translate(event, &tree, &changes) }
                if !changes.isEmpty { sink(changes) }
            } catch {
                // The descriptor itself failed: nothing is watched from here on, and everyone is told.
                sink(tree.roots.keys.map { .unwatched(root: $0, path: "", error) })
                end()
                return
            }
        }
    }

    /// - Returns: false when the thread ends.
    private func perform(_ command: Command, _ tree: inout WatchedTree) -> Bool {
        switch command {
        case .add(let id, let root, let caller):
            tree.setRoot(id, root)
            var failures: [FileChange] = []
            do throws(FileWatchError) {
                try tree.watch(.init(root: id, path: ""), with: driver) { failures.append($0) }
                if !failures.isEmpty { sink(failures) }
                caller.resume()
            } catch {
                tree.removeRoot(id, with: driver)
                caller.resume(throwing: error)
            }
            return true
        case .remove(let id, let caller):
            tree.removeRoot(id, with: driver)
            caller.resume()
            return true
        case .close(let caller):
            end()
            caller.resume()
            return false
        }
    }

    private func end() {
        let rest = state.withLock { state in
            state.isOver = true
            defer { state.commands = [] }
            return state.commands
        }
        driver.close()
        for command in rest { refuse(command) }
    }

    private func translate(_ event: FileWatchEvent, _ tree: inout WatchedTree, _ changes: inout [FileChange]) {
        if event.mask & InotifyMask.overflow != 0 { return recoverFromOverflow(&tree, &changes) }
        guard let place = tree.place(of: event.descriptor) else { return }
        if event.mask & InotifyMask.ignored != 0 {
            tree.forget(event.descriptor)
            if place.path.isEmpty { lose(place.root, &tree, &changes) }
            return
        }
        if event.name.isEmpty {
            // A directory that was deleted or unmounted is reported as no longer watched right after.
            if place.path.isEmpty, event.mask & InotifyMask.moveSelf != 0 { lose(place.root, &tree, &changes) }
            return
        }
        guard let name = String(validating: event.name, as: UTF8.self) else {
            changes.append(.unnameable(root: place.root, directory: place.path))
            return
        }
        guard !tree.isExcluded(name, in: place) else { return }
        let path = place.path.isEmpty ? name : "\(place.path)/\(name)"
        if event.mask & InotifyMask.isDirectory != 0 {
            translateDirectory(event, .init(root: place.root, path: path), &tree, &changes)
        } else {
            changes.append(.file(root: place.root, path: path, kind: Self.kind(event.mask)))
        }
    }

    private static func kind(_ mask: UInt32) -> FileChange.Kind {
        if mask & (InotifyMask.closeWrite | InotifyMask.movedTo) != 0 { return .completed }
        return mask & InotifyMask.create != 0 ? .named : .removed
    }

    private func translateDirectory(
        _ event: FileWatchEvent, _ place: WatchedTree.Place, _ tree: inout WatchedTree, _ changes: inout [FileChange]
    ) {
        if event.mask & InotifyMask.movedFrom != 0 { tree.unwatch(below: place, with: driver) }
        if event.mask & (InotifyMask.create | InotifyMask.movedTo) != 0 {
            do throws(FileWatchError) {
                try tree.watch(place, with: driver) { changes.append($0) }
            } catch {
                changes.append(.unwatched(root: place.root, path: place.path, error))
            }
        }
        let other = InotifyMask.create | InotifyMask.movedTo | InotifyMask.movedFrom | InotifyMask.delete
        if event.mask & other != 0 { changes.append(.directory(root: place.root, path: place.path)) }
    }

    private func recoverFromOverflow(_ tree: inout WatchedTree, _ changes: inout [FileChange]) {
        for root in tree.roots.keys.sorted() {
            do throws(FileWatchError) {
                try tree.rewatch(root: root, with: driver) { changes.append($0) }
                changes.append(.overflow(root: root))
            } catch {
                lose(root, &tree, &changes)
            }
        }
    }

    private func lose(_ root: Int, _ tree: inout WatchedTree, _ changes: inout [FileChange]) {
        tree.removeRoot(root, with: driver)
        changes.append(.rootLost(root: root))
    }
}
