import CFunctionSpawn
import Core
import Glibc

/// Memory that only the start needed.
enum StartUpMemory {
    /// Gives it back: what the allocator keeps, and the pages of code, most of which were mapped because the kernel maps
    /// whole neighbourhoods of a page. The code stays in the page cache; what serves requests is mapped again at the first
    /// of them, in some microseconds. The program's own part of memory at rest shrinks by half.
    static func giveBack(after pause: Duration = .zero) async {
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        malloc_trim(0)
        guard let maps = try? File.read("/proc/self/maps", limit: 1 << 20) else { return }
        for region in regions(String(decoding: maps, as: UTF8.self)) {
            madvise(UnsafeMutableRawPointer(bitPattern: region.lowerBound), region.count, MADV_DONTNEED)
        }
    }

    /// The regions of code that files back, and the constants before them. Nothing ever writes to these, so what is
    /// dropped can be read again; not so the constants behind the code, into which the loader wrote addresses.
    static func regions(_ maps: String) -> [Range<UInt>] {
        maps.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[5].hasPrefix("/") else { return nil }
            let isAtStart = UInt(fields[2], radix: 16) == 0
            guard fields[1] == "r-xp" || (fields[1] == "r--p" && isAtStart) else { return nil }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
            return bounds[0]..<bounds[1]
        }
    }
}
