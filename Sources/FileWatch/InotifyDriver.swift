import Glibc

func describe(_ code: Int32) -> String { String(cString: strerror(code)) }

/// inotify(7) itself.
public final class InotifyDriver: FileWatchDriver, @unchecked Sendable {
    // Unchecked: the buffer is touched by the watch's thread alone, the descriptors do not change.
    private let inotify: Int32
    /// A pipe: reading end, writing end.
    private let waker: (Int32, Int32)
    private let buffer: UnsafeMutableRawBufferPointer

    public init() throws(FileWatchError) {
        inotify = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard inotify >= 0 else { throw watchFailure("the file system", errno) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            let code = errno
            Glibc.close(inotify)
            throw watchFailure("the file system", code)
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        waker = (ends[0], ends[1])
        buffer = .allocate(byteCount: 256 << 10, alignment: 8)
    }

    deinit { buffer.deallocate() }

    public func close() {
        Glibc.close(inotify)
        Glibc.close(waker.0)
        Glibc.close(waker.1)
    }

    public func add(directory: String) throws(FileWatchError) -> Int32 {
        let descriptor = inotify_add_watch(inotify, directory, InotifyMask.watched)
        guard descriptor >= 0 else { throw watchFailure(directory, errno) }
        return descriptor
    }

    public func remove(_ descriptor: Int32) { inotify_rm_watch(inotify, descriptor) }

    public func wake() {
        var byte: UInt8 = 1
        _ = write(waker.1, &byte, 1)
    }

    public func events() throws(FileWatchError) -> [FileWatchEvent] {
        var waiting = [
            pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.0, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, 2, -1) < 0 {
            guard errno == EINTR else { throw watchFailure("the file system", errno) }
        }
        if waiting[1].revents != 0 {
            while read(waker.0, buffer.baseAddress, buffer.count) > 0 {}
        }
        // The system's queue is what is short: empty it before anything is made of the events.
        var events: [FileWatchEvent] = []
        while events.count < 65_536 {
            let count = read(inotify, buffer.baseAddress, buffer.count)
            guard count > 0 else {
                guard count == 0 || errno == EAGAIN || errno == EINTR else {
                    throw watchFailure("the file system", errno)
                }
                if count < 0, errno == EINTR { continue }
                break
            }
            Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &events)
        }
        return events
    }

    /// Records of 16 bytes and a name padded with zeros.
    private static func parse(_ bytes: UnsafeRawBufferPointer, into events: inout [FileWatchEvent]) {
        var position = 0
        while position + 16 <= bytes.count {
            let length = Int(bytes.load(fromByteOffset: position + 12, as: UInt32.self))
            guard position + 16 + length <= bytes.count else { return }
            let name = bytes[(position + 16)..<(position + 16 + length)].prefix { $0 != 0 }
            events.append(
                FileWatchEvent(
                    descriptor: bytes.load(fromByteOffset: position, as: Int32.self),
                    mask: bytes.load(fromByteOffset: position + 4, as: UInt32.self), name: Array(name)))
            position += 16 + length
        }
    }
}
