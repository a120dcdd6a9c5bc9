#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Exact decimal forms of binary numbers, which the C library has.
enum DecimalFormat {
    /// `1234.50` with that many digits behind the point, at most 400.
    static func fixed(_ value: Double, fractionDigits: Int) -> String {
        format("%.*f", min(max(fractionDigits, 0), 400), value)
    }

    /// `1.2345e+03` with that many digits behind the point.
    static func scientific(_ value: Double, fractionDigits: Int) -> String {
        format("%.*e", min(max(fractionDigits, 0), 400), value)
    }

    private static func format(_ pattern: String, _ digits: Int, _ value: Double) -> String {
        // The longest: 309 digits, a point, 400 digits, a sign.
        var buffer = [CChar](repeating: 0, count: 800)
        let count = withVaList([Int32(digits), value]) { vsnprintf(&buffer, buffer.count, pattern, $0) }
        return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
