import Core
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Case files: the project's own beside the tests, others where the conformance files lie.
enum CaseFiles {
    static func own(_ name: String) throws -> JSON {
        try JSON(parsing: #require(bytes(folder(above: 1) + "/Cases/" + name), "Cases/\(name) is missing"))
    }

    static func conformance(_ name: String) -> JSON? {
        let named = getenv("MILLRACE_CONFORMANCE").map { String(cString: $0) }
        let folders = [named, folder(above: 3) + "/../shared/conformance"]
        for folder in folders.compactMap(\.self) {
            if let found = bytes(folder + "/" + name) { return try? JSON(parsing: found) }
        }
        return nil
    }

    private static func folder(above levels: Int) -> String {
        #filePath.split(separator: "/").dropLast(levels).reduce("") { $0 + "/" + $1 }
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return content }
            content += buffer[..<count]
        }
    }
}
