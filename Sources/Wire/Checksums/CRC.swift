/// Cyclic redundancy checks by tables, eight bytes at a time.
public struct CRC32: Sendable {
    private static let ieee = CRCTables<UInt32>(polynomial: 0xEDB8_8320)
    private static let castagnoli = CRCTables<UInt32>(polynomial: 0x82F6_3B78)

    private let tables: CRCTables<UInt32>
    private var state = UInt32.max

    private init(_ tables: CRCTables<UInt32>) { self.tables = tables }

    /// The checksum of Ethernet, gzip and event streams.
    public init() { self.init(Self.ieee) }

    /// CRC32C, of iSCSI.
    public static var c: CRC32 { CRC32(castagnoli) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { tables.update(&state, bytes) }

    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if done == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    public var value: UInt32 { ~state }

    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = CRC32()
        crc.update(bytes)
        return crc.value
    }
}

/// CRC64 of NVM Express.
public struct CRC64NVME: Sendable {
    private static let tables = CRCTables<UInt64>(polynomial: 0x9A6C_9329_AC4B_C9B5)
    private var state = UInt64.max

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { Self.tables.update(&state, bytes) }

    public var value: UInt64 { ~state }
}

/// Tables of a reflected polynomial for eight bytes at once ("slicing by eight").
struct CRCTables<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let table: [Word]

    init(polynomial: Word) {
        var table = [Word](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var word = Word(index)
            for _ in 0..<8 { word = word & 1 == 1 ? word >> 1 ^ polynomial : word >> 1 }
            table[index] = word
        }
        for slice in 1..<8 {
            for index in 0..<256 {
                let word = table[(slice - 1) * 256 + index]
                table[slice * 256 + index] = table[Int(word & 0xFF)] ^ word >> 8
            }
        }
        self.table = table
    }

    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    func update(_ state: inout Word, _ bytes: UnsafeRawBufferPointer) {
        table.withUnsafeBufferPointer { table in
            var word = state
            var position = 0
            while position + 8 <= bytes.count {
                let chunk =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ UInt64(word)
                word = 0
                for slice in 0..<8 {
                    word ^= table[(7 - slice) * 256 + Int(chunk >> UInt64(slice * 8) & 0xFF)]
                }
                position += 8
            }
            while position < bytes.count {
                word = table[Int(truncatingIfNeeded: word ^ Word(bytes[position])) & 0xFF] ^ word >> 8
                position += 1
            }
            state = word
        }
    }
}
