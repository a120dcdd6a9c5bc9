import CZip
import Glibc

/// Makes archives for tests, dishonest ones too.
public enum ZipWriter {
    public struct Entry: Sendable {
        public var name: String
        public var content: [UInt8] = []
        public var mode: UInt32 = 0o100_644

        public init(_ name: String, _ text: String = "", mode: UInt32 = 0o100_644) {
            self.init(name, Array(text.utf8), mode: mode)
        }

        public init(_ name: String, _ content: [UInt8], mode: UInt32 = 0o100_644) {
            self.name = name
            self.content = content
            self.mode = mode
        }

        public static func link(_ name: String, to target: String) -> Entry { Entry(name, target, mode: 0o120_777) }
    }

    public static func archive(_ entries: [Entry]) throws -> [UInt8] {
        var template = Array("/tmp/functions-zip-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        close(descriptor)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }
        guard let zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, nil) else { throw ZipWriterError(entry: path) }
        for entry in entries {
            // The library keeps the content until it writes the archive.
            guard let copy = malloc(max(1, entry.content.count)) else { throw ZipWriterError(entry: entry.name) }
            entry.content.withUnsafeBytes { if let base = $0.baseAddress { memcpy(copy, base, $0.count) } }
            let source = zip_source_buffer(zip, copy, UInt64(entry.content.count), 1)
            let index = zip_file_add(zip, entry.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
            guard index >= 0 else { throw ZipWriterError(entry: entry.name) }
            zip_file_set_external_attributes(zip, UInt64(index), 0, UInt8(ZIP_OPSYS_UNIX), entry.mode << 16)
        }
        guard zip_close(zip) == 0 else { throw ZipWriterError(entry: "") }
        return try readFile(path)
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw ZipWriterError(entry: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}

public struct ZipWriterError: Error {
    public var entry: String
}
