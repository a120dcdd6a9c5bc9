import Core

extension DatePicture {
    /// Instants that JavaScript's dates reach: 100 million days either way.
    static let maximumMilliseconds = 8.64e15

    /// - Parameter offset: minutes east of UTC.
    func format(milliseconds: Double, offset: Int) throws(JSONataError) -> String {
        let local = milliseconds + Double(offset) * 60_000
        guard local.magnitude <= Self.maximumMilliseconds else {
            throw JSONataError(code: "D1001", value: JSON(number: milliseconds))
        }
        let date = DateParts(milliseconds: Int64(local.rounded(.down)))
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .marker(let marker): text += try Self.format(date, marker, offset)
            }
        }
        return text
    }

    private static func format(_ date: DateParts, _ marker: Marker, _ offset: Int) throws(JSONataError) -> String {
        switch marker.component {
        case "Z", "z": return try zone(offset, marker)
        case "P":
            let text = date.number("P") == 1 ? "pm" : "am"
            return marker.names == .upper ? text.uppercased() : text
        case "C", "E": return "ISO"
        default: break
        }
        guard var number = date.number(marker.component) else { return "" }
        if marker.names != nil, marker.component != "f" { return try name(number, marker) }
        if let digits = marker.yearDigits, digits < 15 { number %= Int(Power.raise(10, to: Double(digits))) }
        return try marker.integer?.format(Double(number)) ?? ""
    }

    private static func name(_ number: Int, _ marker: Marker) throws(JSONataError) -> String {
        var name: String
        switch marker.component {
        case "M", "x": name = DateParts.months[number - 1]
        case "F": name = DateParts.days[number - 1]
        default: throw JSONataError(code: "D3133", value: .string(String(marker.component)))
        }
        if marker.names == .upper { name = name.uppercased() }
        if marker.names == .lower { name = name.lowercased() }
        return marker.maximumWidth.map { String(name.prefix($0)) } ?? name
    }

    private static func zone(_ offset: Int, _ marker: Marker) throws(JSONataError) -> String {
        if offset == 0, marker.isTraditional { return "Z" }
        guard let integer = marker.integer else { return "" }
        let hours = offset / 60
        let minutes = offset % 60
        let combined = Double(hours * 100 + minutes)
        var text: String
        if integer.regularInterval > 0 || (3...4).contains(integer.mandatoryDigits) {
            text = try integer.format(combined)
        } else if (1...2).contains(integer.mandatoryDigits) {
            text = try integer.format(Double(hours))
            if minutes != 0 { text += ":" + (try IntegerPicture("00").format(Double(abs(minutes)))) }
        } else {
            throw JSONataError(code: "D3134", value: JSON(integer.mandatoryDigits))
        }
        if offset >= 0 { text = "+" + text }
        return marker.component == "z" ? "GMT" + text : text
    }
}
