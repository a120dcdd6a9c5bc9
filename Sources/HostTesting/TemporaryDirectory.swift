import Glibc
import Synchronization

/// A directory of its own for one test, removed with everything in it when the value goes away.
public final class TemporaryDirectory: Sendable {
    public let path: String

    /// In `$TMPDIR`, or `/tmp`.
    public init(_ name: String = "test") throws(TemporaryDirectoryError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/millrace-\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TemporaryDirectoryError(parent: parent, code: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { Self.remove(path, depth: 0) }

    private static func remove(_ path: String, depth: Int) {
        if depth < 64, let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let child = "\(path)/\(name)"
                if unlink(child) != 0 { remove(child, depth: depth + 1) }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}

public struct TemporaryDirectoryError: Error, CustomStringConvertible {
    public let parent: String
    public let code: Int32

    public var description: String {
        "no temporary directory can be made in \(parent): \(String(cString: strerror(code)))"
    }
}
