#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import Synchronization

/// The only source of randomness in the host, so that tests can replace it.
public protocol RandomSource: Sendable {
    func nextUInt64() -> UInt64
}

/// The kernel's randomness, fetched for many numbers at a time: each request needs several, and a call for each costs
/// more than the rest of making an identifier.
public struct SystemRandomSource: RandomSource {
    private static let stock = Mutex(RandomStock())

    public init() {}

    public func nextUInt64() -> UInt64 { Self.stock.withLock { $0.take() } }
}

private struct RandomStock {
    /// As many bytes as the kernel gives in one piece.
    private static let size = 256 / MemoryLayout<UInt64>.size
    private var numbers = [UInt64](repeating: 0, count: size)
    private var left = 0

    mutating func take() -> UInt64 {
        if left == 0 { refill() }
        left -= 1
        // No number stays in memory once it is given out.
        defer { numbers[left] = 0 }
        return numbers[left]
    }

    private mutating func refill() {
        let isFilled = numbers.withUnsafeMutableBytes { getentropy($0.baseAddress!, $0.count) == 0 }
        if !isFilled {
            for index in numbers.indices { numbers[index] = UInt64.random(in: .min ... .max) }
        }
        left = numbers.count
    }
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
