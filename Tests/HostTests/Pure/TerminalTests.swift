import Testing
@testable import millrace

@Suite struct TerminalTests {
    private let plain = Style(isTerminal: false)

    @Test func `columns are as wide as their widest cell`() {
        var table = Table(("NAME", .left), ("SIZE", .right), ("", .left))
        #expect(table.isEmpty)
        table.add("a", "1 B", "x")
        table.add("longer name", "12.5 KB", "")
        #expect(
            table.text(plain) == """
                NAME            SIZE
                a                1 B  x
                longer name  12.5 KB
                """)
    }

    @Test func `colours take no room`() {
        var table = Table(("A", .left), ("B", .left))
        table.add("\u{1B}[31mred\u{1B}[0m", "1")
        table.add("green", "2")
        let lines = table.text(plain).split(separator: "\n")
        #expect(lines == ["A      B", "\u{1B}[31mred\u{1B}[0m    1", "green  2"])
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1536, "1.5 KB"), (1_048_576, "1 MB"),
        (1_073_741_824, "1 GB"), (1_099_511_627_776, "1 TB"), (1 << 50, "1024 TB"), (10_485_760, "10 MB"),
    ])
    func `sizes are readable`(_ bytes: Int, _ text: String) { #expect(Readable.bytes(bytes) == text) }

    @Test(
        arguments: [
            (0, "0 ms"), (999, "999 ms"), (1000, "1 s"), (1250, "1.3 s"), (59_940, "59.9 s"), (60_000, "1 min 0 s"),
            (3_599_999, "59 min 59 s"), (3_600_000, "1 h 0 min"), (90_061_000, "25 h 1 min"),
        ] as [(Int64, String)])
    func `durations are readable`(_ milliseconds: Int64, _ text: String) {
        #expect(Readable.duration(milliseconds: milliseconds) == text)
    }

    @Test(arguments: [
        ("inbox/a.csv", "inbox", "a.csv"), ("inbox", "inbox", ""), ("inbox/", "inbox", ""),
        ("s3://inbox/a/b c", "inbox", "a/b c"),
    ])
    func `places of objects are read`(_ text: String, _ bucket: String, _ key: String) throws {
        let location = try ObjectLocation(text)
        #expect(location.bucket == bucket)
        #expect(location.key == key)
    }

    @Test(arguments: ["", "/", "s3://", "/key"]) func `a place without a bucket is refused`(_ text: String) {
        #expect(throws: CommandFailure.self) { try ObjectLocation(text) }
    }

    @Test(arguments: [
        ("flow/run-1", "arn:aws:states:eu-west-1:000000000000:execution:flow:run-1"),
        ("arn:aws:states:x:1:execution:a:b", "arn:aws:states:x:1:execution:a:b"),
    ])
    func `executions are called by workflow and name`(_ text: String, _ arn: String) {
        #expect(ResourceNames.execution(text, region: "eu-west-1") == arn)
    }
}
