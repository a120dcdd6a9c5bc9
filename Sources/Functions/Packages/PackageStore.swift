public import Core
import Glibc

/// Unpacked code on disk, one directory for each different package: `<root>/<SHA-256 of the archive>`.
///
/// A package appears in one step, when all of it is there. Versions that share their code share the directory.
public struct PackageStore: Sendable {
    public struct Package: Hashable, Sendable {
        public var directory: String
        /// Base64, Lambda's `CodeSha256`.
        public var codeSHA256: String
        /// Of the archive, Lambda's `CodeSize`.
        public var codeSize: Int
    }

    public let root: String
    public let limits: PackageLimits
    private let randomSource: any RandomSource

    /// Makes the directory and clears away what an interrupted unpacking left.
    public init(
        root: String, limits: PackageLimits = PackageLimits(), random: any RandomSource = SystemRandomSource()
    ) throws(FunctionError) {
        self.root = root
        self.limits = limits
        randomSource = random
        try FilePath.makeDirectory(root)
        for name in FilePath.children(of: root) where name.hasSuffix(Self.draftSuffix) {
            FilePath.removeTree("\(root)/\(name)")
        }
    }

    private static let draftSuffix = ".unpacking"

    /// Unpacks a zip archive. Blocks for as long as that takes: not for an event loop or the Swift pool.
    ///
    /// - Throws: `invalidPackage` for what is damaged, too large or unsafe, and nothing stays behind.
    public func install(_ archive: [UInt8]) throws(FunctionError) -> Package {
        let digest = Digest.sha256(archive)
        let package = Package(
            directory: "\(root)/\(hexadecimal(digest))", codeSHA256: Base64.encode(digest), codeSize: archive.count)
        if FilePath.isDirectory(package.directory) { return package }
        let draft = makeDraftName(package.directory)
        try FilePath.makeDirectory(draft)
        do throws(FunctionError) {
            _ = try PackageExtractor.unpack(archive, into: draft, limits: limits)
        } catch {
            FilePath.removeTree(draft)
            throw error
        }
        guard rename(draft, package.directory) == 0 else {
            let failure = errno
            FilePath.removeTree(draft)
            // Another installation of the same package was faster.
            if FilePath.isDirectory(package.directory) { return package }
            throw FunctionError(.host, "cannot put \(package.directory) in place: \(systemMessage(failure))")
        }
        return package
    }

    private func makeDraftName(_ directory: String) -> String {
        "\(directory).\(UUIDText.random(using: randomSource))\(Self.draftSuffix)"
    }

    /// Removes every package but those that are named. Blocks.
    public func removeAll(except directories: Set<String>) {
        for name in FilePath.children(of: root) where !directories.contains("\(root)/\(name)") {
            FilePath.removeTree("\(root)/\(name)")
        }
    }
}
