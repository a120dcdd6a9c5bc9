/// The bits of an IPv4 (4 bytes) or IPv6 (16 bytes) address.
struct Address: Hashable, Sendable {
    var isV4: Bool
    /// Right-aligned: an IPv4 address fills the last 32 bits.
    var bits: UInt128

    var bitCount: Int { isV4 ? 32 : 128 }

    /// Nil when the bytes are not an address literal. IPv4 takes four decimal parts; IPv6 hexadecimal groups with at
    /// most one `::`. An IPv4 address mapped into IPv6 is the IPv4 address.
    init?(parsing base: UnsafePointer<UInt8>, count: Int) {
        guard count >= 2, count <= 45 else { return nil }
        var hasColon = false
        for index in 0..<count {
            let byte = base[index]
            if byte == UInt8(ascii: ":") {
                hasColon = true
            } else if byte != UInt8(ascii: "."), Self.hexValue(byte) == nil {
                return nil
            }
        }
        guard let parsed = hasColon ? Self.v6(base, count) : Self.v4(base, count) else { return nil }
        self = parsed
    }

    init?(parsing text: String) {
        var text = text
        let parsed = text.withUTF8 { bytes -> Address? in
            guard let base = bytes.baseAddress else { return nil }
            return Address(parsing: base, count: bytes.count)
        }
        guard let parsed else { return nil }
        self = parsed
    }

    private init(isV4: Bool, bits: UInt128) {
        self.isV4 = isV4
        self.bits = bits
    }

    private static func v4(_ base: UnsafePointer<UInt8>, _ count: Int) -> Address? {
        var bits: UInt128 = 0
        var parts = 0
        var part: Int?
        for index in 0...count {
            if index == count || base[index] == UInt8(ascii: ".") {
                guard let value = part, value <= 255 else { return nil }
                bits = bits << 8 | UInt128(value)
                parts += 1
                part = nil
            } else {
                let digit = base[index] &- UInt8(ascii: "0")
                guard digit < 10, part ?? 0 <= 255 else { return nil }
                part = (part ?? 0) * 10 + Int(digit)
            }
        }
        return parts == 4 ? Address(isV4: true, bits: bits) : nil
    }

    private static func v6(_ base: UnsafePointer<UInt8>, _ count: Int) -> Address? {
        var groups: [UInt16] = []
        var gap: Int?
        var position = 0
        if base[0] == UInt8(ascii: ":") {
            guard base[1] == UInt8(ascii: ":") else { return nil }
            gap = 0
            position = 2
        }
        while position < count {
            var value = 0
            let start = position
            while position < count, let digit = hexValue(base[position]) {
                value = value << 4 | Int(digit)
                position += 1
            }
            guard position > start, position - start <= 4, groups.count < 8 else { return nil }
            groups.append(UInt16(value))
            guard position < count else { break }
            guard base[position] == UInt8(ascii: ":") else { return nil }
            position += 1
            guard position < count else { return nil }
            if base[position] == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                position += 1
            }
        }
        return joined(groups, gap: gap)
    }

    private static func joined(_ groups: [UInt16], gap: Int?) -> Address? {
        var all = groups
        if let gap {
            guard groups.count < 8 else { return nil }
            all.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
        }
        guard all.count == 8 else { return nil }
        let bits = all.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
        let isMapped = bits >> 32 == 0xFFFF
        return isMapped ? Address(isV4: true, bits: bits & 0xFFFF_FFFF) : Address(isV4: false, bits: bits)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// All addresses that share their first bits: `10.0.0.0/24`, or a single address.
struct AddressBlock: Hashable, Sendable {
    let isV4: Bool
    let prefixLength: Int
    /// The shared bits, right-aligned.
    let prefix: UInt128

    init(_ address: Address, prefixLength: Int) {
        isV4 = address.isV4
        self.prefixLength = prefixLength
        prefix = Self.prefix(of: address, length: prefixLength)
    }

    /// The first bits of an address, right-aligned.
    static func prefix(of address: Address, length: Int) -> UInt128 {
        let rest = address.bitCount - length
        return rest >= 128 ? 0 : address.bits >> UInt128(rest)
    }

    func contains(_ address: Address) -> Bool {
        address.isV4 == isV4 && Self.prefix(of: address, length: prefixLength) == prefix
    }

    /// Parses CIDR notation; the error is the reason in AWS's words.
    init(parsing text: String) throws(AddressBlockError) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        // Empty parts at the end do not count.
        while parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
        guard parts.count == 2 else { throw AddressBlockError(reason: "Malformed CIDR, one '/' required") }
        guard let length = Int(parts[1]), parts[1].utf8.count <= 10 else {
            throw AddressBlockError(reason: "Malformed CIDR, mask bits must be an integer")
        }
        guard length >= 0 else { throw AddressBlockError(reason: "Malformed CIDR, mask bits must not be negative") }
        guard let address = Address(parsing: String(parts[0])) else {
            throw AddressBlockError(reason: "Nonstandard IP address: \(parts[0])")
        }
        guard length < address.bitCount else {
            throw AddressBlockError(
                reason: address.isV4 ? "IPv4 mask bits must be < 32" : "IPv6 mask bits must be < 128")
        }
        self.init(address, prefixLength: length)
    }
}

struct AddressBlockError: Error {
    var reason: String
}
