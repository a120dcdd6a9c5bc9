#if !MILLRACE_RAW_INOTIFY
    import CInotify
    import Glibc
    import Synchronization

    /// inotify(7) through libinotifytools, which keeps one set of watches for the whole process: there can be one driver
    /// at a time.
    public final class InotifyToolsDriver: FileWatchDriver, @unchecked Sendable {
        // Unchecked: the library is called by the watch's thread alone, the wake file's path does not change.
        private static let isTaken = Atomic(false)
        /// The library tells nobody its descriptor, so a wait is ended by a change of a file that it watches.
        private let wakeDirectory: String
        private var wakeDescriptor: Int32 = -1
        private let isClosed = Atomic(false)

        /// - Throws: when another driver exists in the process, or the system gives no watcher.
        public init() throws(FileWatchError) {
            guard !Self.isTaken.exchange(true, ordering: .acquiring) else {
                throw FileWatchError(
                    path: "the file system", code: 0, reason: "libinotifytools has one set of watches, which is in use")
            }
            guard Self.hasLowDescriptor else {
                Self.isTaken.store(false, ordering: .releasing)
                throw FileWatchError(
                    path: "the file system", code: 0,
                    reason:
                        "libinotifytools works with the first 1,024 descriptors of a process only, and they are taken")
            }
            var template = Array("/tmp/millrace-wake-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else {
                Self.isTaken.store(false, ordering: .releasing)
                throw watchFailure("/tmp", errno)
            }
            wakeDirectory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            guard inotifytools_initialize() != 0 else {
                let code = inotifytools_error()
                rmdir(wakeDirectory)
                Self.isTaken.store(false, ordering: .releasing)
                throw watchFailure("the file system", code)
            }
            do throws(FileWatchError) {
                wakeDescriptor = try add(directory: wakeDirectory)
            } catch {
                close()
                throw error
            }
        }

        /// The library waits by select(2), which writes beyond its table for higher descriptors.
        private static var hasLowDescriptor: Bool {
            let probe = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard probe >= 0 else { return false }
            Glibc.close(probe)
            return probe < 1000
        }

        public func close() {
            guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
            inotifytools_cleanup()
            rmdir(wakeDirectory)
            Self.isTaken.store(false, ordering: .releasing)
        }

        public func add(directory: String) throws(FileWatchError) -> Int32 {
            guard inotifytools_watch_file(directory, Int32(bitPattern: InotifyMask.watched)) != 0 else {
                throw watchFailure(directory, inotifytools_error())
            }
            // The library files directories under their name with a slash behind it.
            let descriptor = inotifytools_wd_from_filename(directory + "/")
            if descriptor >= 0 { return descriptor }
            let bare = inotifytools_wd_from_filename(directory)
            guard bare >= 0 else { throw watchFailure(directory, ENOENT) }
            return bare
        }

        public func remove(_ descriptor: Int32) { _ = inotifytools_remove_watch_by_wd(descriptor) }

        public func wake() {
            let file = "\(wakeDirectory)/wake"
            let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor >= 0 { Glibc.close(descriptor) }
            unlink(file)
        }

        /// One event at a time: the library blocks once it has none left, and does not say when that will be.
        public func events() throws(FileWatchError) -> [FileWatchEvent] {
            guard let event = inotifytools_next_event(-1) else {
                let code = inotifytools_error()
                guard code == 0 || code == EINTR || code == EAGAIN else { throw watchFailure("the file system", code) }
                return []
            }
            if event.pointee.wd == wakeDescriptor { return [] }
            let name = UnsafeRawPointer(event).advanced(by: MemoryLayout<inotify_event>.size)
            let bytes = UnsafeRawBufferPointer(start: name, count: Int(event.pointee.len)).prefix { $0 != 0 }
            return [FileWatchEvent(descriptor: event.pointee.wd, mask: event.pointee.mask, name: Array(bytes))]
        }
    }
#endif
