import Core

/// Scalars as text: in XML, forms, headers, labels and query parameters.
enum ScalarText {
    static func value(
        _ text: String, _ shape: ShapeSchema, _ format: TimestampFormat
    ) throws(AWSError) -> Value {
        switch shape.kind {
        case .string: return .string(text)
        case .boolean:
            switch text.lowercased() {
            case "true": return .bool(true)
            case "false": return .bool(false)
            default: throw .serialization("'\(text)' is not a boolean: expected true or false")
            }
        case .integer, .long:
            guard let number = Int64(text) else { throw .serialization("'\(text)' is not an integer") }
            return .integer(number)
        case .float, .double:
            guard let number = double(text) else { throw .serialization("'\(text)' is not a number") }
            return .double(number)
        case .timestamp: return .timestamp(try timestamp(text, format))
        case .blob:
            guard let bytes = Base64.decode(text) else { throw .serialization("a value is not valid Base64") }
            return .blob(bytes)
        case .list, .map, .structure, .document:
            throw .serialization("text stands where a \(shape.kind) is expected")
        }
    }

    static func double(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: text.utf8.first == UInt8(ascii: " ") ? nil : Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    /// Any of the three forms is read, whichever the model names: clients differ.
    static func timestamp(_ text: String, _ format: TimestampFormat) throws(AWSError) -> Timestamp {
        if let instant = Timestamp(rfc3339: text) { return instant }
        if let seconds = Double(text), abs(seconds) < 1e12 { return Timestamp(seconds: seconds) }
        if let instant = HTTPDate.parse(text) { return instant }
        throw .serialization("'\(text)' is not a time")
    }

    static func text(_ value: Value, _ format: TimestampFormat, milliseconds: Bool = false) -> String {
        switch value {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): doubleText(number)
        case .timestamp(let instant): text(instant, format, milliseconds: milliseconds)
        case .blob(let bytes): Base64.encode(bytes)
        case .document(let json): json.text()
        case .absent, .list, .map, .structure, .stream, .events: ""
        }
    }

    static func doubleText(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return Int64(exactly: number).map { abs($0) < 1 << 53 ? String($0) : String(number) } ?? String(number)
    }

    /// - Parameter milliseconds: three digits even when they are zero.
    static func text(_ instant: Timestamp, _ format: TimestampFormat, milliseconds: Bool) -> String {
        switch format {
        case .epochSeconds: epochSeconds(instant)
        case .iso8601:
            CivilTime(instant).iso8601(milliseconds: milliseconds || instant.milliseconds % 1000 != 0)
        case .httpDate: CivilTime(instant).httpDate
        }
    }

    /// Seconds with as many decimals as needed, exact where a double would round.
    static func epochSeconds(_ instant: Timestamp) -> String {
        let (seconds, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest != 0 else { return String(seconds) }
        let sign = instant.milliseconds < 0 && seconds == 0 ? "-" : ""
        let digits = String(1000 + rest.magnitude).dropFirst()
        var fraction = String(digits)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(sign)\(seconds).\(fraction)"
    }
}

/// The dates of HTTP headers (RFC 9110): `Sun, 22 Nov 2026 10:31:03 GMT`.
public enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    public static func parse(_ text: String) -> Timestamp? {
        var parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        guard parts.count >= 5 else { return nil }
        if Int(parts[0]) == nil { parts.removeFirst() }
        guard parts.count >= 4, let day = Int(parts[0]), let month = months.firstIndex(of: parts[1].lowercased()),
            let year = Int(parts[2]), (1...31).contains(day), (1...9999).contains(year)
        else { return nil }
        let time = parts[3].split(separator: ":")
        guard time.count == 3, let hour = Int(time[0]), let minute = Int(time[1]),
            let second = Int(time[2].prefix { $0 != "." }), (0...23).contains(hour), (0...59).contains(minute),
            (0...60).contains(second)
        else { return nil }
        return CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: min(second, 59))
            .timestamp
    }
}
