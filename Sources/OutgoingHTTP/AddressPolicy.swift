import CCurl
import Glibc

/// Which addresses requests that users configure may reach. Link-local addresses, where clouds answer for credentials,
/// and the host's own control port are closed, so that a topic or an API destination is no way around the gateway.
public struct AddressPolicy: Sendable {
    /// The port of the host's own control plane on this machine; nil for none.
    public var controlPort: UInt16?
    public var allowsLinkLocal: Bool
    public var allowsControlPort: Bool
    /// How paths begin that everyone may call at the control port.
    public var publicPaths: [String]

    public init(
        controlPort: UInt16? = nil, allowsLinkLocal: Bool = false, allowsControlPort: Bool = false,
        publicPaths: [String] = []
    ) {
        self.controlPort = controlPort
        self.allowsLinkLocal = allowsLinkLocal
        self.allowsControlPort = allowsControlPort
        self.publicPaths = publicPaths
    }

    /// Whether an address has such a path, as it stands: one that climbs out of it has not.
    func isPublic(_ url: String) -> Bool {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, !publicPaths.isEmpty else { return false }
        let path = "/" + parts[3].prefix { $0 != "?" && $0 != "#" }
        let climbs = path.contains("..") || path.contains("\\") || path.lowercased().contains("%2e")
        return !climbs && publicPaths.contains(where: path.hasPrefix)
    }

    func admits(_ address: UnsafePointer<sockaddr>) -> Bool {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                admits(v4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr), port: UInt16(bigEndian: $0.pointee.sin_port))
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                let bytes = withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
                return admits(v6: bytes, port: UInt16(bigEndian: pointer.pointee.sin6_port))
            }
        default: return false
        }
    }

    func admits(v4 address: UInt32, port: UInt16) -> Bool {
        if address >> 16 == 0xA9FE { return allowsLinkLocal }
        let isThisHost = address >> 24 == 127 || address == 0
        return !isThisHost || port != controlPort || allowsControlPort
    }

    func admits(v6 address: [UInt8], port: UInt16) -> Bool {
        let isMapped = address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 0xFF && address[11] == 0xFF
        if isMapped {
            return admits(v4: address.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }, port: port)
        }
        if address[0] == 0xFE, address[1] & 0xC0 == 0x80 { return allowsLinkLocal }
        let isThisHost = address.dropLast().allSatisfy { $0 == 0 } && address[15] <= 1
        return !isThisHost || port != controlPort || allowsControlPort
    }
}
