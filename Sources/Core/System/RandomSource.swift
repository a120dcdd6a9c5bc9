/// The only source of randomness in the host, so that tests can replace it.
public protocol RandomSource: Sendable {
    func nextUInt64() -> UInt64
}

public struct SystemRandomSource: RandomSource {
    public init() {}

    public func nextUInt64() -> UInt64 { UInt64.random(in: .min ... .max) }
}

/// SplitMix64 as a value: the same seed gives the same numbers everywhere.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    public var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random (version 4) UUID in its lower-case text form.
public enum UUIDText {
    public static func random(using source: some RandomSource) -> String {
        make(high: source.nextUInt64(), low: source.nextUInt64())
    }

    public static func random(using generator: inout some RandomNumberGenerator) -> String {
        make(high: generator.next(), low: generator.next())
    }

    public static func make(high: UInt64, low: UInt64) -> String {
        let version = high & ~0xF000 | 0x4000
        let variant = low & ~(0b11 << 62) | 0b10 << 62
        return String(unsafeUninitializedCapacity: 36) { buffer in
            let digits = StaticString("0123456789abcdef").utf8Start
            var position = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = nibble < 16 ? version : variant
                buffer[position] = digits[Int(word >> UInt64(60 - nibble % 16 * 4) & 15)]
                position += 1
            }
            return position
        }
    }
}
