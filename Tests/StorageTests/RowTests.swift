import Core
import Storage
import Testing

@Suite struct RowTests {
    private static let row = Row(
        columns: ["t", "i", "r", "b", "n", "big"],
        values: ["text", 1, 2.5, .blob([1, 2]), nil, .integer(.max)])

    @Test func typedAccess() throws {
        let row = Self.row
        #expect(try row.text("t") == "text" && row.text(0) == "text" && row.textOrNil("t") == "text")
        #expect(try row.int("i") == 1 && row.int64("big") == .max && row.intOrNil("n") == nil)
        #expect(try row.real("r") == 2.5 && row.real("i") == 1)
        #expect(try row.blob("b") == [1, 2] && row.blobOrNil("n") == nil)
        #expect(try row.bool("i") && row.boolOrNil("n") == nil)
        #expect(try row.time("i") == Timestamp(milliseconds: 1) && row.timeOrNil("n") == nil)
    }

    private struct Failure: Sendable, CustomTestStringConvertible {
        let message: String
        let read: @Sendable (Row) throws -> Void
        var testDescription: String { message }
    }

    private static let failures: [Failure] = [
        Failure(message: "column 't' holds text, an integer was asked for") { _ = try $0.int("t") },
        Failure(message: "column 'n' holds null, text was asked for") { _ = try $0.text("n") },
        Failure(message: "column 'r' holds real, an integer was asked for") { _ = try $0.int64OrNil("r") },
        Failure(message: "column 'big' holds integer, 0 or 1 was asked for") { _ = try $0.bool("big") },
        Failure(message: "column 'i' holds integer, a blob was asked for") { _ = try $0.blob(1) },
        Failure(message: "there is no column 'x' in the row, only t, i, r, b, n, big") { _ = try $0.text("x") },
        Failure(message: "column 6 was asked for, the row has 6") { _ = try $0.text(6) },
        Failure(message: "column -1 was asked for, the row has 6") { _ = try $0.text(-1) },
    ]

    @Test(arguments: failures) private func mistakesAreNamed(_ failure: Failure) {
        let error = #expect(throws: StorageError.self) { try failure.read(Self.row) }
        #expect(error?.kind == .type)
        #expect(error?.message == failure.message)
    }
}
