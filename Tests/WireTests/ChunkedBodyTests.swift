import Testing
import Wire

@Suite struct ChunkedBodyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var body: String
        var length: Int64?
        var outcome: String
        var testDescription: String { name }
    }

    private static let cases: [Case] = [
        Case(
            name: "two chunks", body: "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n",
            length: 11, outcome: "hello world"),
        Case(
            name: "signed by name only",
            body: "B;chunk-signature=x\r\nhello world\r\n0;chunk-signature=y\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n",
            length: 11, outcome: "hello world"),
        Case(
            name: "wrong checksum", body: "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n", length: 5,
            outcome: "BadDigest"),
        Case(name: "no checksum", body: "5\r\nhello\r\n0\r\n\r\n", length: 5, outcome: "MalformedTrailerError"),
        Case(
            name: "shorter than announced", body: "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", length: 9,
            outcome: "IncompleteBody"),
        Case(
            name: "longer than announced", body: "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", length: 2,
            outcome: "IncompleteBody"),
        Case(name: "cut off", body: "5\r\nhel", outcome: "IncompleteBody"),
        Case(name: "no size", body: "\r\nhello", outcome: "InvalidRequest"),
        Case(name: "huge size", body: "ffffffffffffffff\r\n", outcome: "InvalidRequest"),
        Case(name: "negative size", body: "-5\r\nhello\r\n", outcome: "InvalidRequest"),
        Case(name: "no line end behind a chunk", body: "5\r\nhelloworld", outcome: "InvalidRequest"),
        Case(name: "endless head", body: String(repeating: "0", count: 40_000), outcome: "InvalidRequest"),
        Case(name: "endless trailer", body: "0\r\n" + String(repeating: "x", count: 40_000), outcome: "InvalidRequest"),
        Case(name: "field without value", body: "0\r\nx\r\n\r\n", outcome: "InvalidRequest"),
    ]

    @Test("bodies of aws-chunked", arguments: cases, [1, 7, 100_000])
    func read(item: Case, size: Int) async {
        let body = ChunkedBody(
            Pieces(Array(item.body.utf8), size: size), signatures: nil, decodedLength: item.length, trailer: .crc32)
        do throws(AWSError) {
            var bytes: [UInt8] = []
            while let chunk = try await body.next() { bytes += chunk }
            #expect(String(decoding: bytes, as: UTF8.self) == item.outcome)
        } catch {
            #expect(error.code == item.outcome)
        }
    }
}
