import Core
import Testing

struct TraceHeaderTests {
    @Test func newTracesHaveTheirTimeAndNoParent() throws {
        let trace = TraceHeader(at: Timestamp(milliseconds: 1_700_000_000_123), using: SystemRandomSource())
        let expression = try Regex("Root=1-6553f100-[0-9a-f]{24}")
        #expect(try expression.wholeMatch(in: "\(trace)") != nil, "\(trace)")
        let child = trace.child(using: SystemRandomSource(), isSampled: false)
        #expect(child.root == trace.root)
        #expect(child.parent?.utf8.count == 16)
        #expect("\(child)" == "\(trace);Parent=\(child.parent ?? "");Sampled=0")
    }

    @Test(
        arguments: [
            ("Root=1-2-3;Parent=4;Sampled=1", "Root=1-2-3;Parent=4;Sampled=1"),
            ("Sampled=0; Root=1-2-3", "Root=1-2-3;Sampled=0"),
            ("Self=9;Root=1-2-3;Lineage=1:2:3", "Root=1-2-3;Lineage=1:2:3"), ("Root=1-2-3;Sampled=?", "Root=1-2-3"),
            ("Root=", nil), ("", nil), ("nothing", nil),
        ] as [(String, String?)])
    func headersAreRead(_ text: String, _ expected: String?) {
        #expect(TraceHeader(text).map { "\($0)" } == expected)
    }

    @Test func theCallersDecisionHolds() throws {
        let trace = try #require(TraceHeader("Root=1-2-3;Sampled=1"))
        #expect(trace.child(using: SystemRandomSource(), isSampled: false).isSampled == true)
    }
}
