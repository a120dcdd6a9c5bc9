import Glibc
import Synchronization

/// The time zones of a directory of zone files, each read once.
public final class TimeZoneDatabase: Sendable {
    /// Debian's package `tzdata` installs the zones here.
    public static let systemDirectory = "/usr/share/zoneinfo"

    public let directory: String
    private let zones = Mutex<[String: TimeZoneRules]>([:])

    public init(directory: String = TimeZoneDatabase.systemDirectory) { self.directory = directory }

    /// The zone of that IANA name. `UTC` needs no file.
    public func zone(named name: String) throws(TimeZoneError) -> TimeZoneRules {
        if name == "UTC" { return .utc }
        if let known = zones.withLock({ $0[name] }) { return known }
        guard Self.isName(name) else { throw TimeZoneError(name: name, reason: .unknown) }
        let bytes = try readFile(name)
        var reader = TZifReader(bytes)
        guard let zone = reader.read(name: name) else {
            throw TimeZoneError(name: name, reason: .unreadable(directory))
        }
        zones.withLock { $0[name] = zone }
        return zone
    }

    /// Letters, digits and `_+-` between single slashes: nothing that leads out of the directory.
    private static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    let letter = byte | 0x20
                    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_+-".utf8.contains(byte)
                }
        }
    }

    private func readFile(_ name: String) throws(TimeZoneError) -> [UInt8] {
        let descriptor = open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let missingDatabase = access(directory, R_OK | X_OK) != 0
            throw TimeZoneError(name: name, reason: missingDatabase ? .noDatabase(directory) : .unknown)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20 else {
            throw TimeZoneError(name: name, reason: .unknown)
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes[filled...].withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TimeZoneError(name: name, reason: .unreadable(directory)) }
            filled += count
        }
        return bytes
    }
}

/// A time zone that there is not, or whose file cannot be read.
public struct TimeZoneError: Error, Hashable, Sendable {
    enum Reason: Hashable, Sendable {
        case unknown
        case unreadable(String)
        case noDatabase(String)
    }

    public let name: String
    let reason: Reason
}

extension TimeZoneError: CustomStringConvertible {
    public var description: String {
        switch reason {
        case .unknown: "Unknown time zone '\(name)': use an IANA name such as Europe/Berlin, or UTC."
        case .unreadable(let directory): "The file of the time zone '\(name)' in \(directory) is damaged."
        case .noDatabase(let directory):
            "The time zone '\(name)' needs the zone files in \(directory), which are missing: install the package tzdata."
        }
    }
}
