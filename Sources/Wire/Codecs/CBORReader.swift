/// A value as CBOR has it; keys of maps are texts.
indirect enum CBORItem: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case array([CBORItem])
    case map([(key: String, value: CBORItem)])
    case tagged(UInt64, CBORItem)

    var isNull: Bool { if case .null = self { true } else { false } }
}

/// Reads one CBOR item with bounded depth; lengths are only believed as far as there are bytes.
struct CBORReader {
    private static let depthLimit = 100

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(AWSError) -> CBORItem {
        let item = try item(depth: 0)
        guard position == bytes.count else { throw broken("there are bytes after the end of the value") }
        return item
    }

    private mutating func item(depth: Int) throws(AWSError) -> CBORItem {
        guard depth < Self.depthLimit else { throw broken("nested deeper than \(Self.depthLimit) levels") }
        let head = try byte()
        let (major, info) = (head >> 5, head & 31)
        switch major {
        case 0:
            guard let number = Int64(exactly: try argument(info)) else { throw broken("an integer is out of range") }
            return .int(number)
        case 1:
            guard let number = Int64(exactly: try argument(info)) else { throw broken("an integer is out of range") }
            return .int(-1 - number)
        case 2: return .bytes(try string(info, major: 2))
        case 3: return .text(try text(info))
        case 4: return .array(try array(info, depth: depth))
        case 5: return .map(try map(info, depth: depth))
        case 6: return .tagged(try argument(info), try item(depth: depth + 1))
        default: return try simple(info)
        }
    }

    private mutating func array(_ info: UInt8, depth: Int) throws(AWSError) -> [CBORItem] {
        var items: [CBORItem] = []
        if info == 31 {
            while try !takeBreak() { items.append(try item(depth: depth + 1)) }
            return items
        }
        let count = try argument(info)
        guard count <= UInt64(bytes.count - position) else { throw broken("an array is cut off") }
        for _ in 0..<count { items.append(try item(depth: depth + 1)) }
        return items
    }

    private mutating func map(_ info: UInt8, depth: Int) throws(AWSError) -> [(key: String, value: CBORItem)] {
        var pairs: [(key: String, value: CBORItem)] = []
        if info == 31 {
            while try !takeBreak() { pairs.append(try pair(depth: depth)) }
            return pairs
        }
        let count = try argument(info)
        guard count <= UInt64(bytes.count - position) else { throw broken("a map is cut off") }
        for _ in 0..<count { pairs.append(try pair(depth: depth)) }
        return pairs
    }

    private mutating func pair(depth: Int) throws(AWSError) -> (key: String, value: CBORItem) {
        guard case .text(let key) = try item(depth: depth + 1) else { throw broken("a map's key is no text") }
        return (key, try item(depth: depth + 1))
    }

    // MARK: Scalars

    private mutating func text(_ info: UInt8) throws(AWSError) -> String {
        guard let text = String(validating: try string(info, major: 3), as: UTF8.self) else {
            throw broken("a text is not valid UTF-8")
        }
        return text
    }

    private mutating func string(_ info: UInt8, major: UInt8) throws(AWSError) -> [UInt8] {
        guard info == 31 else { return try raw(argument(info)) }
        var all: [UInt8] = []
        while try !takeBreak() {
            let head = try byte()
            guard head >> 5 == major, head & 31 != 31 else { throw broken("a string's piece is of another type") }
            all += try raw(argument(head & 31))
        }
        return all
    }

    private mutating func raw(_ count: UInt64) throws(AWSError) -> [UInt8] {
        guard count <= UInt64(bytes.count - position) else { throw broken("a string is cut off") }
        defer { position += Int(count) }
        return Array(bytes[position..<position + Int(count)])
    }

    private mutating func simple(_ info: UInt8) throws(AWSError) -> CBORItem {
        switch info {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22, 23: return .null
        case 25: return .double(Self.half(UInt16(try argument(info))))
        case 26: return .double(Double(Float(bitPattern: UInt32(try argument(info)))))
        case 27: return .double(Double(bitPattern: try argument(info)))
        default: throw broken("an unknown simple value")
        }
    }

    private static func half(_ bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 31)
        let fraction = Double(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction / 16_777_216
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    }

    // MARK: Pieces

    private mutating func argument(_ info: UInt8) throws(AWSError) -> UInt64 {
        switch info {
        case 0..<24: return UInt64(info)
        case 24...27:
            var value: UInt64 = 0
            for _ in 0..<(1 << (info - 24)) { value = value << 8 | UInt64(try byte()) }
            return value
        default: throw broken("a reserved length")
        }
    }

    private mutating func takeBreak() throws(AWSError) -> Bool {
        guard position < bytes.count else { throw broken("a value is cut off") }
        guard bytes[position] == 0xFF else { return false }
        position += 1
        return true
    }

    private mutating func byte() throws(AWSError) -> UInt8 {
        guard position < bytes.count else { throw broken("a value is cut off") }
        defer { position += 1 }
        return bytes[position]
    }

    private func broken(_ reason: String) -> AWSError {
        .serialization("The body is not valid CBOR: \(reason) (at byte \(position)).")
    }
}
