import Core

/// The picture of dates and times: XPath's `format-dateTime` (Functions and Operators 3.1, section 9.8.4).
struct DatePicture {
    enum Part {
        case literal(String)
        case marker(Marker)
    }

    struct Marker {
        let component: Unicode.Scalar
        var minimumWidth: Int?
        var maximumWidth: Int?
        var names: IntegerPicture.LetterCase?
        /// `t`: Z stands for a zero offset.
        var isTraditional = false
        var integer: IntegerPicture?
        /// Digits of a year that count; nil for all.
        var yearDigits: Int?

        var hasWidth: Bool { minimumWidth != nil || maximumWidth != nil }
    }

    private(set) var parts: [Part] = []

    /// Wider than this no component is written.
    private static let maximumWidth = 1000

    init(_ picture: String) throws(JSONataError) {
        var literal = ""
        var rest = picture[...]
        while let next = rest.first {
            guard next == "[" else {
                literal.append(next)
                rest.removeFirst()
                continue
            }
            rest.removeFirst()
            if rest.first == "[" {
                literal.append("[")
                rest.removeFirst()
                continue
            }
            add(literal)
            literal = ""
            guard let end = rest.firstIndex(of: "]") else { throw JSONataError(code: "D3135") }
            try add(marker: String(rest[..<end].filter { !$0.isWhitespace }))
            rest = rest[rest.index(after: end)...]
        }
        add(literal)
    }

    private mutating func add(_ literal: String) {
        guard !literal.isEmpty else { return }
        var text = ""
        var skipsNext = false
        for character in literal {
            // Doubled closing brackets stand for one.
            if skipsNext, character == "]" {
                skipsNext = false
                continue
            }
            skipsNext = character == "]"
            text.append(character)
        }
        parts.append(.literal(text))
    }

    private mutating func add(marker text: String) throws(JSONataError) {
        var marker = Marker(component: text.unicodeScalars.first ?? " ")
        var presentation = text.dropFirst()
        if let comma = presentation.lastIndex(of: ",") {
            let widths = presentation[presentation.index(after: comma)...].split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            marker.minimumWidth = widths.first.flatMap(Self.width)
            marker.maximumWidth = widths.count > 1 ? Self.width(widths[1]) : nil
            presentation = presentation[..<comma]
        }
        var modifier: Character?
        if presentation.count > 1, let last = presentation.last, "atco".contains(last) {
            modifier = last
            presentation = presentation.dropLast()
        }
        let format = presentation.isEmpty ? Self.defaultPresentation(marker.component) : String(presentation)
        guard let format else {
            throw JSONataError(code: "D3132", value: .string(String(text.prefix(1))))
        }
        marker.isTraditional = modifier == "t"
        try complete(&marker, format, modifier)
        parts.append(.marker(marker))
    }

    private mutating func complete(
        _ marker: inout Marker, _ format: String, _ modifier: Character?
    ) throws(JSONataError) {
        if format.hasPrefix("n") {
            marker.names = .lower
        } else if format.hasPrefix("N") {
            marker.names = format.dropFirst().hasPrefix("n") ? .title : .upper
        } else if "YMDdFWwXxHhmsf".unicodeScalars.contains(marker.component) {
            var integer = try IntegerPicture(modifier.map { "\(format);\($0)" } ?? format)
            if let width = marker.minimumWidth { integer.mandatoryDigits = max(integer.mandatoryDigits, width) }
            if marker.component == "Y" {
                let digits = integer.mandatoryDigits + integer.optionalDigits
                if let width = marker.maximumWidth {
                    marker.yearDigits = width
                    integer.mandatoryDigits = width
                } else if digits >= 2 {
                    marker.yearDigits = digits
                }
            }
            marker.integer = integer
            fixWidthOfPrevious()
        }
        if marker.component == "Z" || marker.component == "z" { marker.integer = try IntegerPicture(format) }
    }

    /// A number right behind a number can only be told from it when the first one's width is fixed.
    private mutating func fixWidthOfPrevious() {
        guard case .marker(var previous) = parts.last, var integer = previous.integer else { return }
        integer.parseWidth = integer.mandatoryDigits
        previous.integer = integer
        parts[parts.count - 1] = .marker(previous)
    }

    private static func width(_ text: Substring) -> Int? {
        let value = LeadingInteger.value(of: String(text))
        return value.isNaN ? nil : max(0, min(maximumWidth, Int(clamping: value)))
    }

    private static func defaultPresentation(_ component: Unicode.Scalar) -> String? {
        switch component {
        case "Y", "M", "D", "d", "W", "w", "X", "x", "H", "h", "f": "1"
        case "F", "P", "C", "E": "n"
        case "m", "s": "01"
        case "Z", "z": "01:01"
        default: nil
        }
    }
}
