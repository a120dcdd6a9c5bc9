import Glibc
import HostTesting
import Testing

@testable import Functions

struct FilePathTests {
    /// Functions leave in their temporary directories whatever the system lets them make.
    @Test func treesAreRemovedWhateverIsInThem() throws {
        let directory = try TemporaryDirectory("trees")
        let root = "\(directory.path)/root"
        try FilePath.makeDirectory("\(root)/empty")
        try FilePath.makeDirectory("\(root)/closed/inner")
        try FilePath.write([1], to: "\(root)/closed/inner/file")
        try FilePath.makeDirectory("\(directory.path)/outside")
        try FilePath.write([1], to: "\(directory.path)/outside/kept")
        #expect(symlink("../outside", "\(root)/link") == 0)
        #expect(symlink("\(directory.path)/outside", "\(root)/closed/link") == 0)
        #expect(mkfifo("\(root)/pipe", 0o600) == 0)
        #expect(chmod("\(root)/closed/inner", 0) == 0)
        #expect(chmod("\(root)/closed", 0) == 0)
        // Names that are no text, a level deep too.
        let odd: [CChar] = [-1, 97, -64, 0]
        let place = open(root, O_RDONLY | O_DIRECTORY)
        defer { close(place) }
        #expect(mkdirat(place, odd, 0o700) == 0)
        let inner = openat(place, odd, O_RDONLY | O_DIRECTORY)
        close(openat(inner, odd, O_WRONLY | O_CREAT, 0o600))
        close(inner)
        // A path far longer than one can be named by.
        var level = dup(place)
        for _ in 0..<3000 {
            #expect(mkdirat(level, "deeper", 0o700) == 0)
            let next = openat(level, "deeper", O_RDONLY | O_DIRECTORY)
            close(level)
            level = next
        }
        close(openat(level, "bottom", O_WRONLY | O_CREAT, 0o600))
        close(level)

        FilePath.removeTree(root)
        #expect(!FilePath.isDirectory(root))
        #expect(FilePath.isFile("\(directory.path)/outside/kept"))
    }

    @Test func aLinkIsRemovedAndNotFollowed() throws {
        let directory = try TemporaryDirectory("trees")
        try FilePath.makeDirectory("\(directory.path)/kept")
        #expect(symlink("kept", "\(directory.path)/link") == 0)
        FilePath.removeTree("\(directory.path)/link")
        FilePath.removeTree("\(directory.path)/absent")
        #expect(FilePath.children(of: directory.path) == ["kept"])
    }
}
