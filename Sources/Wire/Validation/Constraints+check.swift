import Core

extension Constraints {
    /// What the value should have been, one phrase for each constraint that it breaks.
    func broken(by value: Value, hidesValues: Bool) -> [String] {
        switch value {
        case .string(let text): brokenText(text, hidesValues)
        case .integer(let number): brokenRange(Double(number), "value", "")
        case .double(let number): brokenRange(number, "value", "")
        case .blob(let bytes): brokenRange(Double(bytes.count), "length", "")
        case .list(let elements): brokenRange(Double(elements.count), "length", "")
        case .map(let entries): brokenRange(Double(entries.count), "length", "")
        default: []
        }
    }

    /// Whether a text is longer than it may be.
    func isExceeded(by value: Value) -> Bool {
        guard case .string(let text) = value, let maximum else { return false }
        return Double(text.utf16.count) > maximum
    }

    /// Every demand on a value of that kind, in the order in which AWS names those of the elements of a list.
    func demands(on kind: ShapeSchema.Kind, hidesValues: Bool) -> [String] {
        let amount = kind == .string || kind == .blob ? "length" : "value"
        var demands: [String] = []
        if let maximum {
            demands.append("Member must have \(amount) less than or equal to \(ValueText.number(maximum))")
        }
        if let minimum {
            demands.append("Member must have \(amount) greater than or equal to \(ValueText.number(minimum))")
        }
        if let pattern { demands.append("Member must satisfy regular expression pattern: \(pattern.source)") }
        if !enumeration.isEmpty { demands.append(enumerationDemand(hidesValues)) }
        return demands
    }

    func enumerationDemand(_ hidesValues: Bool) -> String {
        "Member must satisfy enum value set\(hidesValues ? "" : ": [\(enumeration.joined(separator: ", "))]")"
    }

    private func brokenText(_ text: String, _ hidesValues: Bool) -> [String] {
        var broken: [String] = []
        if let pattern, !pattern.matches(text) {
            broken.append("Member must satisfy regular expression pattern: \(pattern.source)")
        }
        if minimum != nil || maximum != nil {
            // Java counts UTF-16 units.
            broken += brokenRange(Double(text.utf16.count), "length", "")
        }
        if !enumeration.isEmpty, !enumeration.contains(text) { broken.append(enumerationDemand(hidesValues)) }
        return broken
    }

    private func brokenRange(_ amount: Double, _ what: String, _ unit: String) -> [String] {
        if let minimum, amount < minimum {
            return ["Member must have \(what) greater than or equal to \(ValueText.number(minimum))"]
        }
        if let maximum, amount > maximum {
            return ["Member must have \(what) less than or equal to \(ValueText.number(maximum))"]
        }
        return []
    }
}

/// Values as they stand in messages.
enum ValueText {
    private static let limit = 16_384

    static func text(_ value: Value) -> String {
        var text = ""
        write(value, to: &text, depth: 0)
        return text
    }

    static func number(_ number: Double) -> String { Int64(exactly: number).map(String.init) ?? String(number) }

    private static func write(_ value: Value, to text: inout String, depth: Int) {
        guard text.utf8.count < limit, depth < 16 else { return }
        switch value {
        case .absent: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .integer(let number): text += String(number)
        case .double(let double): text += number(double)
        case .string(let string): text += string
        case .timestamp(let instant): text += instant.description
        case .blob(let bytes): text += "java.nio.HeapByteBuffer[pos=0 lim=\(bytes.count) cap=\(bytes.count)]"
        case .list(let elements): writeList(elements, to: &text, depth: depth)
        case .map(let entries):
            text += "{"
            for (index, entry) in entries.enumerated() {
                text += index > 0 ? ", \(entry.key)=" : "\(entry.key)="
                write(entry.value, to: &text, depth: depth + 1)
            }
            text += "}"
        case .structure(let record): write(record, to: &text, depth: depth)
        case .document(let json): text += json.text()
        case .stream, .events: text += "stream"
        }
    }

    private static func writeList(_ elements: [Value], to text: inout String, depth: Int) {
        text += "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", " }
            write(element, to: &text, depth: depth + 1)
        }
        text += "]"
    }

    private static func write(_ record: Record, to text: inout String, depth: Int) {
        text += "\(record.schema.name)("
        for member in record.schema.members {
            text += member.index == 0 ? "\(member.propertyName)=" : ", \(member.propertyName)="
            write(record.values[member.index], to: &text, depth: depth + 1)
        }
        text += ")"
    }
}
