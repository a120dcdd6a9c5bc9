#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Powers, from the C library.
enum Power {
    static func raise(_ base: Double, to exponent: Double) -> Double {
        // JavaScript finds one to an infinite power undefined, C finds it one.
        if base.magnitude == 1, exponent.isInfinite { return .nan }
        return pow(base, exponent)
    }

    static func log10(_ value: Double) -> Double {
        #if canImport(Glibc)
            Glibc.log10(value)
        #else
            Musl.log10(value)
        #endif
    }
}
