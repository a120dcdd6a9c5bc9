import Core

extension DatePicture {
    /// Reads a text in the form of the picture.
    /// - Parameter now: where the components come from that are more significant than all given ones.
    /// - Returns: milliseconds since 1970; nil when the text does not have the form or says nothing.
    func parse(_ text: String, now: Timestamp, _ run: Evaluation) throws(JSONataError) -> Double? {
        var pattern = "^"
        for part in parts { pattern += "(" + (try Self.pattern(part)) + ")" }
        let regex = try Regex(pattern + "$", flags: "i", position: 0)
        let subject = RegexSubject(text)
        guard let match = try regex.firstMatch(in: subject, from: 0, run) else { return nil }
        var components: [Unicode.Scalar: Double] = [:]
        for (part, range) in zip(parts, match.groups) {
            guard case .marker(let marker) = part, let range else { continue }
            let value = try Self.value(of: subject.text(range), marker)
            components[marker.component] = value ?? .nan
        }
        var assembly = DateAssembly(components, now: now)
        return try assembly.milliseconds()
    }

    private static func pattern(_ part: Part) throws(JSONataError) -> String {
        switch part {
        case .literal(let text):
            return text.map { ".*+?^${}()|[]\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        case .marker(let marker):
            switch marker.component {
            case "Z", "z":
                let separator = zoneSeparator(marker).map { "\\" + String($0) + "[0-9]+" } ?? ""
                return (marker.component == "z" ? "GMT" : "") + "[-+][0-9]+" + separator
            case "f": return "[0-9]+"
            default:
                if let integer = marker.integer { return try integer.pattern() }
                guard "MxFP".unicodeScalars.contains(marker.component) else {
                    throw JSONataError(code: "D3133", value: .string(String(marker.component)))
                }
                return "[a-zA-Z]+"
            }
        }
    }

    private static func zoneSeparator(_ marker: Marker) -> Unicode.Scalar? {
        guard let integer = marker.integer, integer.regularInterval > 0 else { return nil }
        return integer.separators.first?.character
    }

    private static func value(of text: String, _ marker: Marker) throws(JSONataError) -> Double? {
        switch marker.component {
        case "Z", "z": return zone(text, marker)
        case "f": return Double("0." + text.prefix(3)).map { ($0 * 1000).rounded() }
        case "P" where marker.integer == nil: return ["am": 0, "AM": 0, "pm": 1, "PM": 1][text]
        default: break
        }
        if let integer = marker.integer { return try integer.parse(text) }
        let names = marker.component == "F" ? DateParts.days : DateParts.months
        let index = names.firstIndex { name in
            let short = marker.maximumWidth.flatMap { $0 > 0 ? String(name.prefix($0)) : nil } ?? name
            return short == text
        }
        return index.map { Double($0 + 1) }
    }

    /// Minutes east of UTC.
    private static func zone(_ text: String, _ marker: Marker) -> Double {
        var text = marker.component == "z" ? text.dropFirst(3) : text[...]
        let sign: Double = text.first == "-" ? -1 : 1
        text = text.dropFirst()
        var hours = text
        var minutes: Substring = ""
        if let separator = zoneSeparator(marker), let index = text.firstIndex(of: Character(separator)) {
            hours = text[..<index]
            minutes = text[text.index(after: index)...]
        } else if text.count > 2 {
            hours = text.prefix(2)
            minutes = text.dropFirst(2)
        }
        return sign * ((Double(hours) ?? 0) * 60 + (Double(minutes) ?? 0))
    }
}

/// Puts the components of a date together.
///
/// What is less significant than every given component counts as its least value, what is more significant comes from
/// the present; what is missing in between is an error.
private struct DateAssembly {
    private var components: [Unicode.Scalar: Double]
    private let now: DateParts

    init(_ components: [Unicode.Scalar: Double], now: Timestamp) {
        self.components = components
        self.now = DateParts(milliseconds: now.milliseconds)
    }

    mutating func milliseconds() throws(JSONataError) -> Double? {
        if components.isEmpty { return nil }
        let byDayOfYear = !fits("YMD", of: "YXMxWwdD") && fits("Yd", of: "YXMxWwdD")
        let byWeek = fits("XxwF", of: "YXMxWwdD") || fits("XW", of: "YXMxWwdD")
        let byHalfDay = !fits("Hmsf", of: "PHhmsf") && fits("Phmsf", of: "PHhmsf")
        // Weeks can be written but not read.
        if byWeek { throw JSONataError(code: "D3136") }
        try complete((byDayOfYear ? "YD" : "YMD") + (byHalfDay ? "Phmsf" : "Hmsf"))
        var hour = value("H")
        if byHalfDay { hour = (value("h") == 12 ? 0 : value("h")) + (value("P") == 1 ? 12 : 0) }
        var month = max(1, value("M"))
        var day = value("D")
        if byDayOfYear {
            month = 1
            day = value("d")
        }
        let all = [value("Y"), month, day, hour, value("m"), value("s"), value("f")]
        guard all.allSatisfy({ $0.isFinite && $0.magnitude < 1e9 }) else { return nil }
        return assemble(all.map { Int($0) })
    }

    /// Whether at least one of these components was given, and none of the others. A zero counts as not given.
    private func fits(_ wanted: String, of all: String) -> Bool {
        let given = all.unicodeScalars.filter { (components[$0] ?? 0) != 0 && !(components[$0]?.isNaN ?? true) }
        return !given.isEmpty && given.allSatisfy { wanted.unicodeScalars.contains($0) }
    }

    private mutating func complete(_ order: String) throws(JSONataError) {
        var hasStarted = false
        var hasEnded = false
        for component in order.unicodeScalars {
            if components[component] != nil {
                hasStarted = true
                if hasEnded { throw JSONataError(code: "D3136") }
            } else if hasStarted {
                components[component] = "MDd".unicodeScalars.contains(component) ? 1 : 0
                hasEnded = true
            } else {
                components[component] = now.number(component).map { Double($0) } ?? 0
            }
        }
    }

    private func value(_ component: Unicode.Scalar) -> Double { components[component] ?? 0 }

    private func assemble(_ parts: [Int]) -> Double? {
        // As in JavaScript, two digits mean a year of the last century.
        let year = (0...99).contains(parts[0]) ? parts[0] + 1900 : parts[0]
        guard year.magnitude < 300_000 else { return nil }
        let months = year * 12 + parts[1] - 1
        let wholeYear = months >= 0 ? months / 12 : (months - 11) / 12
        let first = CivilTime.daysSinceEpoch(year: wholeYear, month: months - wholeYear * 12 + 1, day: 1)
        let days = Double(first + parts[2] - 1)
        let seconds = Double(parts[3]) * 3600 + Double(parts[4]) * 60 + Double(parts[5])
        let milliseconds = days * 86_400_000 + seconds * 1000 + Double(parts[6])
        let offset = components["Z"] ?? components["z"] ?? 0
        let result = milliseconds - (offset.isFinite ? offset : 0) * 60_000
        return result.magnitude <= DatePicture.maximumMilliseconds ? result : nil
    }
}
