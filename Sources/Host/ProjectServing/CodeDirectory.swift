import Core
import Glibc

/// A function's code as it lies on disk.
enum CodeDirectory {
    private static let fileLimit = 20_000
    private static let depthLimit = 32

    /// A digest of the names, sizes and times of all files below the directory, and of the names of the directories: it
    /// changes when the code does.
    static func fingerprint(_ path: String) -> String {
        var digest = IncrementalDigest(.sha256)
        var files = 0
        add(path, relative: "", depth: 0, &files, &digest)
        return hexadecimal(digest.finish())
    }

    private static func add(
        _ path: String, relative: String, depth: Int, _ files: inout Int, _ digest: inout IncrementalDigest
    ) {
        guard depth < depthLimit else { return }
        for name in Directory.entries(path) where files < fileLimit && name != "__pycache__" {
            var status = stat()
            let full = "\(path)/\(name)"
            guard stat(full, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                digest.update(Array("\(relative)/\(name)/\n".utf8))
                add(full, relative: "\(relative)/\(name)", depth: depth + 1, &files, &digest)
            } else {
                files += 1
                let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
                digest.update(Array("\(relative)/\(name) \(status.st_size) \(time)\n".utf8))
            }
        }
    }
}
