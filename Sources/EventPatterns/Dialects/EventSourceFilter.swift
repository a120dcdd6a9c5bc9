import Core

/// The filter criteria of an event source mapping: a record passes when one of the patterns matches it.
public struct EventSourceFilter: Sendable {
    /// Patterns that look inside the payload, and those that take it as a text.
    private let structured: PatternMachine
    private let plain: PatternMachine
    private let payloadKey: String?

    /// Compiles patterns. Where the payload of a record lies (`body` of queue messages, `data` of stream records) it is
    /// a text: patterns that name fields inside it see the JSON that it holds, others see the text.
    public init(patterns: [String], payloadKey: String? = nil) throws(EventPatternError) {
        self.payloadKey = payloadKey
        var structured: [Int: EventPattern] = [:]
        var plain: [Int: EventPattern] = [:]
        for (index, text) in patterns.enumerated() {
            let pattern = try EventPattern(parsing: text, dialect: .eventSource)
            if let payloadKey, pattern.fieldPaths.contains(where: { $0.hasPrefix(payloadKey + ".") }) {
                structured[index] = pattern
            } else {
                plain[index] = pattern
            }
        }
        self.structured = PatternMachine(structured)
        self.plain = PatternMachine(plain)
    }

    /// Whether a record passes; with no patterns every record does.
    public func passes(_ record: JSON) -> Bool {
        if structured.ruleCount == 0, plain.ruleCount == 0 { return true }
        if matches(plain, record) { return true }
        guard structured.ruleCount > 0, let payloadKey, case .string(let text)? = record[payloadKey] else {
            return matches(structured, record)
        }
        guard let payload = try? JSON(parsing: text) else { return false }
        var opened = record
        opened[payloadKey] = payload
        return matches(structured, opened)
    }

    private func matches(_ machine: PatternMachine, _ record: JSON) -> Bool {
        machine.ruleCount > 0 && (try? machine.rules(matching: record).isEmpty == false) ?? false
    }
}
