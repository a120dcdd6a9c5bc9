import CZip

/// A zip archive in memory, read entry by entry through libzip.
struct ZipArchive: ~Copyable {
    struct Entry {
        var index: UInt64
        var name: String
        /// As the archive says; what is really there is counted while it is read.
        var size: UInt64
        /// Unix permissions and file type, when the archive was made on Unix.
        var mode: UInt32?
        var isEncrypted: Bool

        var isDirectory: Bool { name.hasSuffix("/") || mode.map { $0 & 0o170_000 == 0o040_000 } == true }
        var isLink: Bool { mode.map { $0 & 0o170_000 == 0o120_000 } == true }
        /// A pipe, a device or a socket. Builders of Java archives leave types there that mean nothing.
        var isSpecial: Bool {
            guard !isDirectory, let type = mode.map({ $0 & 0o170_000 }) else { return false }
            return [0o010_000, 0o020_000, 0o060_000, 0o140_000].contains(type)
        }
    }

    private let archive: OpaquePointer
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ content: [UInt8]) throws(FunctionError) {
        bytes = .allocate(capacity: max(1, content.count))
        _ = bytes.initialize(from: content)
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        let source = zip_source_buffer_create(bytes.baseAddress, UInt64(content.count), 0, &error)
        guard let source, let opened = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) else {
            // An archive frees its source; one that was not opened has taken none.
            zip_source_free(source)
            let reason = zip_error_strerror(&error).map { String(cString: $0) } ?? "unknown error"
            bytes.deallocate()
            throw FunctionError(.unreadablePackage, "the package is not a readable zip archive: \(reason)")
        }
        archive = opened
    }

    deinit {
        zip_discard(archive)
        bytes.deallocate()
    }

    var count: Int { Int(max(0, zip_get_num_entries(archive, 0))) }

    func entry(at index: Int) throws(FunctionError) -> Entry {
        var status = zip_stat_t()
        zip_stat_init(&status)
        let number = UInt64(index)
        guard zip_stat_index(archive, number, 0, &status) == 0, let name = status.name else {
            throw FunctionError(.invalidPackage, "the package's entry \(index) cannot be read")
        }
        var system: UInt8 = 0
        var attributes: UInt32 = 0
        let isUnix =
            zip_file_get_external_attributes(archive, number, 0, &system, &attributes) == 0
            && system == UInt8(ZIP_OPSYS_UNIX)
        return Entry(
            index: number, name: String(cString: name), size: status.size,
            mode: isUnix && attributes >> 16 != 0 ? attributes >> 16 : nil,
            isEncrypted: status.encryption_method != UInt16(ZIP_EM_NONE))
    }

    /// Unpacks an entry part by part.
    func read(_ entry: Entry, _ body: (UnsafeRawBufferPointer) throws(FunctionError) -> Void) throws(FunctionError) {
        guard let file = zip_fopen_index(archive, entry.index, 0) else {
            throw FunctionError(.invalidPackage, "the package's entry \"\(entry.name)\" cannot be opened")
        }
        defer { zip_fclose(file) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Int(zip_fread(file, buffer.baseAddress, UInt64(buffer.count)))
            guard count >= 0 else {
                throw FunctionError(
                    .invalidPackage, "the package's entry \"\(entry.name)\" is damaged: its content cannot be unpacked")
            }
            guard count > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
