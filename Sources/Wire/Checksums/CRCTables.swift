import CFolding

/// A reflected polynomial: tables for eight bytes at once ("slicing by eight"), and what long messages are shortened with
/// first where the processor multiplies without carries, which is ten times as fast.
struct CRCTables<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let table: [Word]
    private let folds: Bool
    private let by512: (UInt64, UInt64)
    private let by128: (UInt64, UInt64)

    /// - Parameter folds: `false` has the tables do everything.
    init(polynomial: Word, folds: Bool = true) {
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
        self.folds = folds && folding_is_possible() != 0
        by512 = (Self.power(575, polynomial), Self.power(511, polynomial))
        by128 = (Self.power(191, polynomial), Self.power(127, polynomial))
    }

    /// x to the power, modulo the polynomial, reflected in 64 bits.
    private static func power(_ exponent: Int, _ polynomial: Word) -> UInt64 {
        var word = Word(1) << (Word.bitWidth - 1)
        for _ in 0..<exponent { word = word & 1 == 1 ? word >> 1 ^ polynomial : word >> 1 }
        return UInt64(word) << UInt64(64 - Word.bitWidth)
    }

    func update(_ state: inout Word, _ bytes: UnsafeRawBufferPointer) {
        let whole = bytes.count & ~63
        guard folds, whole >= 128 else { return look(&state, bytes) }
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { short in
            withUnsafeBytes(of: by512) { far in
                withUnsafeBytes(of: by128) { near in
                    folding_shorten(
                        UInt64(state), bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), whole,
                        far.baseAddress!.assumingMemoryBound(to: UInt64.self),
                        near.baseAddress!.assumingMemoryBound(to: UInt64.self),
                        short.baseAddress!.assumingMemoryBound(to: UInt8.self))
                }
            }
            state = 0
            look(&state, UnsafeRawBufferPointer(short))
        }
        look(&state, UnsafeRawBufferPointer(rebasing: bytes[whole...]))
    }

    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    private func look(_ state: inout Word, _ bytes: UnsafeRawBufferPointer) {
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
