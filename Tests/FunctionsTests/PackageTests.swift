import CFunctionSpawn
import Core
import Glibc
import HostTesting
import Testing

@testable import Functions

struct PackageTests {
    @Test func unpacksFilesDirectoriesModesAndLinks() throws {
        let directory = try TemporaryDirectory("packages")
        let store = try PackageStore(root: "\(directory.path)/packages")
        let archive = try ZipWriter.archive([
            .init("app.py", "print(1)"), .init("bin/tool", "#!/bin/sh\n", mode: 0o100_777), .init("empty/"),
            .init("deep/er/file.txt", "text"), .link("bin/again", to: "../app.py"),
            .init("set-id", "x", mode: 0o104_755), .init("META-INF/maven/", mode: 0o177_777),
            .init("META-INF/odd", "odd", mode: 0o170_644),
        ])
        let package = try store.install(archive)
        let root = package.directory
        #expect(FilePath.text(of: "\(root)/app.py", limit: 100) == "print(1)")
        #expect(FilePath.text(of: "\(root)/bin/again", limit: 100) == "print(1)")
        #expect(FilePath.text(of: "\(root)/deep/er/file.txt", limit: 100) == "text")
        #expect(FilePath.isDirectory("\(root)/empty"))
        #expect(FilePath.isDirectory("\(root)/META-INF/maven"))
        #expect(FilePath.text(of: "\(root)/META-INF/odd", limit: 100) == "odd")
        #expect(mode(of: "\(root)/bin/tool") == 0o755)
        #expect(mode(of: "\(root)/app.py") == 0o644)
        #expect(mode(of: "\(root)/set-id") == 0o755)
        #expect(package.codeSHA256 == Base64.encode(Digest.sha256(archive)))
        #expect(package.codeSize == archive.count)
        #expect(try store.install(archive) == package)
        #expect(FilePath.children(of: store.root).count == 1)
    }

    private func mode(of path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    /// The bytes that are in use, of all threads.
    private var bytesInUse: Int { Int(mallinfo2().uordblks) }

    @Test func whatIsNoArchiveLeavesNothingBehind() throws {
        let directory = try TemporaryDirectory("packages")
        let store = try PackageStore(root: "\(directory.path)/packages")
        let before = bytesInUse
        for _ in 0..<5000 {
            #expect(throws: FunctionError.self) { try store.install(Array("PK no archive".utf8)) }
        }
        // A library's object a time would be 1.6 MB; the rest of the process may do something too.
        #expect(bytesInUse - before < 1 << 20)
        #expect(FilePath.children(of: store.root).isEmpty)
    }

    struct BadPackage: Sendable, CustomTestStringConvertible {
        var name: String
        var entries: [ZipWriter.Entry]
        var message: String
        var limits = PackageLimits()
        var testDescription: String { name }
    }

    @Test(arguments: [
        BadPackage(name: "path upwards", entries: [.init("../evil", "x")], message: "leaves the package by \"..\""),
        BadPackage(
            name: "path upwards inside", entries: [.init("a/../../evil", "x")], message: "leaves the package by \"..\""),
        BadPackage(name: "absolute path", entries: [.init("/etc/evil", "x")], message: "has an absolute path"),
        BadPackage(
            name: "link to an absolute path", entries: [.link("out", to: "/etc")],
            message: "points outside of the package"),
        BadPackage(
            name: "link upwards", entries: [.link("a/out", to: "../../..")], message: "points outside of the package"),
        BadPackage(
            name: "file below a link", entries: [.link("d", to: "."), .init("d/file", "x")],
            message: "as a file or link and as a directory"),
        BadPackage(
            name: "link in a directory's place", entries: [.init("d/file", "x"), .link("d", to: ".")],
            message: "twice"),
        BadPackage(
            name: "device", entries: [.init("null", "", mode: 0o020_666)],
            message: "is neither a file, a directory nor a link"),
        BadPackage(
            name: "long name", entries: [.init(String(repeating: "n", count: 300), "x")],
            message: "has a name of more than 255 bytes"),
        BadPackage(
            name: "bomb", entries: [.init("zeros", [UInt8](repeating: 0, count: 3_000_000))],
            message: "Unzipped size must be smaller than 1000000 bytes", limits: PackageLimits(unpackedBytes: 1_000_000)
        ),
        BadPackage(
            name: "many files", entries: (0..<20).map { .init("f\($0)", "") },
            message: "has 20 entries; at most 10 are allowed", limits: PackageLimits(entries: 10)),
        BadPackage(
            name: "large archive", entries: [.init("f", "x")], message: "at most 10 are allowed",
            limits: PackageLimits(archiveBytes: 10)),
    ])
    func refusesWhatIsUnsafeAndLeavesNothingBehind(_ item: BadPackage) throws {
        let directory = try TemporaryDirectory("packages")
        let store = try PackageStore(root: "\(directory.path)/packages", limits: item.limits)
        let error = #expect(throws: FunctionError.self) { try store.install(ZipWriter.archive(item.entries)) }
        #expect(error?.code == .invalidPackage)
        #expect(error?.message.contains(item.message) == true, "\(error?.message ?? "")")
        #expect(FilePath.children(of: store.root).isEmpty)
        #expect(FilePath.children(of: directory.path) == ["packages"])
    }

    /// A header that promises less than is there does not get past the count of what really comes out.
    @Test func lyingSizesAreNoWayAround() throws {
        let directory = try TemporaryDirectory("packages")
        var archive = try ZipWriter.archive([.init("zeros", [UInt8](repeating: 0, count: 3_000_000))])
        let (real, lie): ([UInt8], [UInt8]) = ([0xC0, 0xC6, 0x2D, 0x00], [0x10, 0, 0, 0])
        for index in archive.indices.dropLast(3) where Array(archive[index..<(index + 4)]) == real {
            archive.replaceSubrange(index..<(index + 4), with: lie)
        }
        let store = try PackageStore(
            root: "\(directory.path)/packages", limits: PackageLimits(unpackedBytes: 1_000_000))
        let error = #expect(throws: FunctionError.self) { try store.install(archive) }
        #expect(error?.code == .invalidPackage)
        #expect(FilePath.children(of: store.root).isEmpty)
    }

    @Test func damagedArchivesAreErrors() throws {
        let directory = try TemporaryDirectory("packages")
        let store = try PackageStore(root: "\(directory.path)/packages")
        let good = try ZipWriter.archive([.init("a", String(repeating: "text ", count: 500)), .init("b", "y")])
        #expect(throws: FunctionError.self) { try store.install([]) }
        #expect(throws: FunctionError.self) { try store.install(Array("not a zip".utf8)) }
        #expect(throws: FunctionError.self) { try store.install(Array(good.prefix(good.count / 2))) }
        var seed = SeededRandom(seed: 7)
        for _ in 0..<200 {
            var bad = good
            for _ in 0..<3 {
                bad[Int.random(in: 0..<bad.count, using: &seed)] = UInt8.random(in: 0...255, using: &seed)
            }
            // Either it is noticed or the damage is where it does not matter; never more than that.
            _ = try? store.install(bad)
        }
        #expect(FilePath.children(of: directory.path) == ["packages"])
    }
}
