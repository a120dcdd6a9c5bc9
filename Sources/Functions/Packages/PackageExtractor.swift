import CZip
import Core
import Glibc

/// Unpacks a deployment package into a directory, and nothing outside of it.
///
/// Directories and files come first and links last, and no entry lies below a link, so that nothing is ever written
/// through one. Sizes are counted while unpacking, whatever the archive says.
struct PackageExtractor {
    let root: String
    let limits: PackageLimits
    private var directories: Set<PackagePath> = []
    private var files: Set<PackagePath> = []
    private var links: [(path: PackagePath, target: String)] = []
    private var unpackedBytes = 0

    /// The directory exists and is empty.
    init(into root: String, limits: PackageLimits) {
        self.root = root
        self.limits = limits
    }

    /// Returns the size of the unpacked files together.
    static func unpack(
        _ archive: [UInt8], into root: String, limits: PackageLimits = PackageLimits()
    ) throws(FunctionError) -> Int {
        guard archive.count <= limits.archiveBytes else {
            throw FunctionError(
                .invalidPackage, "the package has \(archive.count) bytes; at most \(limits.archiveBytes) are allowed")
        }
        let zip = try ZipArchive(archive)
        var extractor = PackageExtractor(into: root, limits: limits)
        try extractor.unpack(zip)
        return extractor.unpackedBytes
    }

    private mutating func unpack(_ zip: borrowing ZipArchive) throws(FunctionError) {
        let count = zip.count
        guard count > 0 else { throw FunctionError(.invalidPackage, "the package is empty") }
        guard count <= limits.entries else {
            throw FunctionError(
                .invalidPackage, "the package has \(count) entries; at most \(limits.entries) are allowed")
        }
        var declared: UInt64 = 0
        var entries: [ZipArchive.Entry] = []
        for index in 0..<count {
            let entry = try zip.entry(at: index)
            declared = declared.addingReportingOverflow(entry.size).overflow ? .max : declared + entry.size
            entries.append(entry)
        }
        guard declared <= UInt64(limits.unpackedBytes) else { throw tooLarge }
        for entry in entries { try take(entry, of: zip) }
        try makeLinks()
    }

    private var tooLarge: FunctionError {
        FunctionError(.invalidPackage, "Unzipped size must be smaller than \(limits.unpackedBytes) bytes")
    }

    private mutating func take(_ entry: ZipArchive.Entry, of zip: borrowing ZipArchive) throws(FunctionError) {
        let path = try PackagePath(entry.name, limits: limits)
        guard !path.components.isEmpty else { return }
        guard !entry.isEncrypted else {
            throw FunctionError(.invalidPackage, "the package's entry \"\(entry.name)\" is encrypted")
        }
        guard !entry.isSpecial else {
            throw FunctionError(
                .invalidPackage, "the package's entry \"\(entry.name)\" is neither a file, a directory nor a link")
        }
        if entry.isDirectory { return try makeDirectory(path) }
        if path.components.count > 1 { try makeDirectory(path.parent) }
        guard files.insert(path).inserted, !directories.contains(path) else {
            throw FunctionError(.invalidPackage, "the package holds \"\(entry.name)\" twice")
        }
        if entry.isLink { try takeLink(entry, path, of: zip) } else { try write(entry, path, of: zip) }
    }

    private mutating func makeDirectory(_ path: PackagePath) throws(FunctionError) {
        var part = PackagePath(components: [])
        for component in path.components {
            part.components.append(component)
            // Links count as files here: nothing lies below one.
            guard !files.contains(part) else {
                throw FunctionError(
                    .invalidPackage, "the package holds \"\(part.text)\" as a file or link and as a directory")
            }
            guard directories.insert(part).inserted else { continue }
            guard mkdir("\(root)/\(part.text)", 0o755) == 0 else { throw cannotWrite(part) }
        }
    }

    private mutating func takeLink(
        _ entry: ZipArchive.Entry, _ path: PackagePath, of zip: borrowing ZipArchive
    ) throws(FunctionError) {
        var target: [UInt8] = []
        let limit = limits.pathBytes
        try zip.read(entry) { (part) throws(FunctionError) in
            guard target.count + part.count <= limit else {
                throw FunctionError(.invalidPackage, "the package's link \"\(entry.name)\" is too long")
            }
            target += part
        }
        let text = String(decoding: target, as: UTF8.self)
        guard path.contains(target: text) else {
            throw FunctionError(
                .invalidPackage, "the package's link \"\(entry.name)\" points outside of the package, to \"\(text)\"")
        }
        links.append((path, text))
    }

    private mutating func write(
        _ entry: ZipArchive.Entry, _ path: PackagePath, of zip: borrowing ZipArchive
    ) throws(FunctionError) {
        // Only what may be executed matters; nothing unpacked is writable for others or carries special bits.
        let mode: mode_t = entry.mode.map { $0 & 0o111 != 0 } == true ? 0o755 : 0o644
        let file = open("\(root)/\(path.text)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw cannotWrite(path) }
        defer { close(file) }
        var total = unpackedBytes
        let (limit, tooLarge) = (limits.unpackedBytes, tooLarge)
        try zip.read(entry) { (part) throws(FunctionError) in
            total += part.count
            guard total <= limit else { throw tooLarge }
            let failure = FilePath.writeAll(part, to: file)
            guard failure == 0 else {
                throw FunctionError(.host, "cannot unpack \"\(path.text)\": \(systemMessage(failure))")
            }
        }
        unpackedBytes = total
    }

    private func makeLinks() throws(FunctionError) {
        for (path, target) in links {
            guard symlink(target, "\(root)/\(path.text)") == 0 else { throw cannotWrite(path) }
        }
    }

    private func cannotWrite(_ path: PackagePath) -> FunctionError {
        FunctionError(.host, "cannot unpack \"\(path.text)\": \(systemMessage(errno))")
    }
}

extension PackagePath {
    init(components: [String]) { self.components = components }

    var parent: PackagePath { PackagePath(components: components.dropLast()) }
}
