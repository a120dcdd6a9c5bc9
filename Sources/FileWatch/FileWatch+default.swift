extension FileWatch {
    /// The driver of this system.
    public static func makeDriver() throws(FileWatchError) -> any FileWatchDriver { try InotifyDriver() }
}
