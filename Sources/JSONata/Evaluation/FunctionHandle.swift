import Core

/// How a function stands inside a JSON container: as one of the many NaNs, which no JSON text can express and whose
/// lower bits number the functions that the evaluation has kept.
enum FunctionHandle {
    private static let mark: UInt64 = 0x7FFC_4A53_0000_0000
    private static let markMask: UInt64 = 0xFFFF_FFFF_0000_0000

    static func json(_ number: Int) -> JSON {
        .double(Double(bitPattern: mark | UInt64(UInt32(truncatingIfNeeded: number))))
    }

    @inline(__always) static func number(_ value: Double) -> Int? {
        guard value.isNaN, value.bitPattern & markMask == mark else { return nil }
        return Int(value.bitPattern & ~markMask)
    }
}
