import Core
import Testing

@testable import Functions

/// What a function prints is a record for each line; what goes through a runtime's logger or console, and a runtime's
/// own report of an error, is one record however many lines it has.
@Suite(.timeLimit(.minutes(2)))
struct LogRecordTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var body: String
        var records: [String]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "printed lines", body: "print('one\\ntwo\\rthree')", records: ["one\n", "two\rthree\n"]),
        Case(
            name: "a logger's lines", body: "logging.getLogger().warning('one\\n\\ntwo')",
            records: ["[WARNING]\tone\n\ntwo\n"]),
        Case(
            name: "in order", body: "print('a'); logging.getLogger().error('b\\nc'); print('d\\ne')",
            records: ["a\n", "[ERROR]\tb\nc\n", "d\n", "e\n"]),
        Case(
            name: "printed into what is gone",
            body: "sys.stdout.close(); logging.getLogger().error('é\\nü')", records: ["[ERROR]\té\nü\n"]),
        Case(
            name: "an error", body: "raise ValueError('one\\ntwo')",
            records: [
                "[ERROR] ValueError: one\ntwo\nTraceback (most recent call last):\n"
                    + "\u{a0}\u{a0}File \"app.py\", line 3, in handler\n"
                    + "\u{a0}\u{a0}\u{a0}\u{a0}raise ValueError('one\\ntwo')\n"
            ]),
    ])
    func python(_ item: Case) async throws {
        try await TestHost.with { test in
            let function = try test.python(
                "import logging, sys\ndef handler(event, context):\n    \(item.body)")
            let result = await test.invoke(function, wantsLogTail: true)
            // The time and the request of a logger's record are left out, and where the function is.
            let stamp = try Regex(#"\t\S+Z\t\S+(?=\t)|/\S+/(?=app\.py)"#)
            #expect(ownRecords(test).map { $0.replacing(stamp, with: "") } == item.records)
            let last = try #require(item.records.last?.split(whereSeparator: \.isWhitespace).last)
            #expect(result.log.contains(last))
        }
    }

    @Test(arguments: [
        Case(name: "a line", body: "console.log('one')", records: ["INFO\tone\n"]),
        Case(name: "lines", body: "console.warn('one\\n\\nzwölf')", records: ["WARN\tone\n\nzwölf\n"]),
        Case(
            name: "written lines", body: "process.stdout.write('one\\ntwo\\n'); console.log('a\\nb')",
            records: ["one\n", "two\n", "INFO\ta\nb\n"]),
    ])
    func node(_ item: Case) async throws {
        try await TestHost.with { test in
            let function = try test.node("exports.handler = async () => { \(item.body); };")
            _ = await test.invoke(function)
            let stamp = try Regex(#"^\S+Z\t\S+\t"#)
            #expect(ownRecords(test).map { $0.replacing(stamp, with: "", maxReplacements: 1) } == item.records)
        }
    }

    private func ownRecords(_ test: TestHost) -> [String] {
        let platform = ["INIT_START ", "START ", "END ", "REPORT "]
        return test.log.messages.filter { message in !platform.contains { message.hasPrefix($0) } }
    }
}
