extension FileWatch {
    /// The driver that the program was built with: libinotifytools, or inotify itself when it was built with
    /// `MILLRACE_RAW_INOTIFY`.
    public static func makeDriver() throws(FileWatchError) -> any FileWatchDriver {
        #if MILLRACE_RAW_INOTIFY
            try InotifyDriver()
        #else
            try InotifyToolsDriver()
        #endif
    }
}
