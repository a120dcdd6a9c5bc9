import Core
import Glibc

/// Copies between files within the kernel.
enum FileCopy {
    /// Makes an empty file a copy of another: by sharing its blocks where the file system can, otherwise by copying.
    static func clone(_ source: OpenFile, to target: Int32) throws(FileError) {
        // FICLONE of ioctl_ficlone(2).
        if ioctl(target, 0x4004_9409, source.descriptor) == 0 { return }
        try append(source, 0..<source.size, to: target)
    }

    /// Appends a part of a file to another at its current offset.
    static func append(_ source: OpenFile, _ range: Range<Int64>, to target: Int32) throws(FileError) {
        var offset = off_t(range.lowerBound)
        while offset < range.upperBound {
            let count = sendfile(
                target, source.descriptor, &offset, Int(min(range.upperBound - Int64(offset), 1 << 30)))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path: "a copy of an object", code: errno) }
            guard count > 0 else { throw FileError(path: "a copy of an object", reason: "is shorter than its source") }
        }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(path: "an upload", code: errno) }
            written += count
        }
    }
}
