/// Cyclic redundancy checks of 32 bits.
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
