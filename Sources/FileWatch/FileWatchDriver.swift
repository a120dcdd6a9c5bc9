/// The system's service that reports changes in directories.
///
/// Everything but ``wake()`` is called by one thread, the watch's own.
public protocol FileWatchDriver: AnyObject, Sendable {
    /// Watches one directory, not those in it, and does not follow a symbolic link. Watching a directory again gives
    /// the same descriptor.
    func add(directory: String) throws(FileWatchError) -> Int32

    func remove(_ descriptor: Int32)

    /// Waits for events, or for ``wake()``, and returns what there is.
    func events() throws(FileWatchError) -> [FileWatchEvent]

    /// Ends a wait in ``events()``, from any thread.
    func wake()

    func close()
}

/// One record of inotify(7).
public struct FileWatchEvent: Sendable {
    public var descriptor: Int32
    /// Bits of inotify(7).
    public var mask: UInt32
    /// The name of the file in the directory; empty when the event is about the directory itself.
    public var name: [UInt8]
}

/// Bits of inotify(7), which Swift cannot import as they are written.
enum InotifyMask {
    static let closeWrite: UInt32 = 0x8
    static let movedFrom: UInt32 = 0x40
    static let movedTo: UInt32 = 0x80
    static let create: UInt32 = 0x100
    static let delete: UInt32 = 0x200
    static let deleteSelf: UInt32 = 0x400
    static let moveSelf: UInt32 = 0x800
    static let unmount: UInt32 = 0x2000
    static let overflow: UInt32 = 0x4000
    static let ignored: UInt32 = 0x8000
    static let onlyDirectory: UInt32 = 0x0100_0000
    static let doNotFollow: UInt32 = 0x0200_0000
    static let isDirectory: UInt32 = 0x4000_0000

    /// What is asked for.
    static let watched =
        closeWrite | movedFrom | movedTo | create | delete | deleteSelf | moveSelf | onlyDirectory | doNotFollow
}

/// The reason in words, with the mend where the user has one.
func watchFailure(_ path: String, _ code: Int32) -> FileWatchError {
    let reason =
        switch code {
        case 28:  // ENOSPC
            "the system's limit of watched directories is reached: raise fs.inotify.max_user_watches with sysctl"
        case 24:  // EMFILE
            "the system's limit of watchers is reached: raise fs.inotify.max_user_instances with sysctl"
        default: describe(code)
        }
    return FileWatchError(path: path, code: code, reason: reason)
}
