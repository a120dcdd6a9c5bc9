import Core
import EventPatterns
import Testing

/// Answers that AWS gave, recorded; skipped, with a word, where the files are not at hand.
@Suite struct ConformanceTests {
    @Test(.enabled(if: CaseFiles.conformance("event-pattern-cases.json") != nil, "conformance files are not at hand"))
    func answersAsRecorded() throws {
        let cases = try #require(CaseFiles.conformance("event-pattern-cases.json")?.arrayValue)
        #expect(cases.count > 100)
        for item in cases { try check(item) }
    }

    private func check(_ item: JSON) throws {
        let id = item["id"]?.stringValue ?? "?"
        let pattern = try #require(item["pattern"])
        let event = try #require(item["event"])
        // The recorded positions count the spaces that Python writes.
        let text = SpacedJSON.text(pattern)
        switch item["expect"]?.stringValue {
        case "match", "no-match":
            let compiled = try EventPattern(parsing: text)
            #expect(try compiled.matches(event) == (item["expect"] == "match"), "\(id)")
        case "error":
            let failure = #expect(throws: EventPatternError.self, "\(id)") { try EventPattern(parsing: text) }
            let error = item["recorded"]?[id]?["exception_message"]?["Error"]
            if let wanted = error?["Message"]?.stringValue, let failure {
                #expect(failure.prefix + failure.reason == wanted, "\(id)")
            }
            if let wanted = error?["MessageRaw"]?.stringValue, let failure {
                #expect(Self.anonymous(failure.message) == Self.anonymous(wanted), "\(id)")
            }
        default: Issue.record("case \(id) expects something unknown")
        }
    }

    /// The recordings hide names of partitions and regions.
    private static func anonymous(_ message: String) -> String {
        var message = message
        for (name, placeholder) in [("arn:aws:", "arn:<partition>:"), ("us-east-1", "<region>")] {
            message = message.split(separator: name, omittingEmptySubsequences: false).joined(separator: placeholder)
        }
        return message
    }
}
