import Synchronization

/// What the `Host` of a request says: whether it means this program, and what stands before the program's name.
final class HostNames: Sendable {
    /// Suffixes of this program's names, longest first; each may have labels before it.
    private let suffixes: [String]
    /// What was found out already: clients use few names, and each request is asked more than once.
    private let known = Mutex<[String: String?]>([:])
    private static let knownLimit = 256

    init(domains: [String]) {
        let names = ["localhost", "localhost.localstack.cloud", "127.0.0.1.nip.io"] + domains.map { $0.lowercased() }
        suffixes = names.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// Without the port, in small letters.
    static func name(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        return (host.split(separator: ":", maxSplits: 1).first.map(String.init) ?? "").lowercased()
    }

    static func isAddress(_ name: String) -> Bool {
        if name.contains(":") { return name.utf8.allSatisfy { $0 == 0x3A || $0 == 0x2E || isHex($0) } }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
    }

    /// The labels before this program's name, such as `bucket.s3`; empty for the name itself and for addresses; nil for
    /// a name that is not this program's.
    func labels(_ host: String) -> String? {
        if let found = known.withLock({ $0[host] }) { return found }
        let found = readLabels(host)
        known.withLock { known in
            if known.count >= Self.knownLimit { known = [:] }
            known[host] = .some(found)
        }
        return found
    }

    private func readLabels(_ host: String) -> String? {
        let name = Self.name(host)
        if name.isEmpty || Self.isAddress(name) { return "" }
        for suffix in suffixes {
            if name == suffix { return "" }
            if name.hasSuffix("." + suffix) { return String(name.dropLast(suffix.utf8.count + 1)) }
        }
        // Some clients put a label before an address, such as `sync-127.0.0.1`.
        if let dash = name.firstIndex(of: "-"), Self.isAddress(String(name[name.index(after: dash)...])) {
            return String(name[..<dash])
        }
        if let dot = name.firstIndex(of: "."), Self.isAddress(String(name[name.index(after: dot)...])) {
            return String(name[..<dot])
        }
        return nil
    }
}
