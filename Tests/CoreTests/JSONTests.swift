import Core
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        ("null", "null"), (" true ", "true"), ("-0", "0"), ("12", "12"), ("1.0", "1.0"), ("1e3", "1000.0"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9.223372036854776e+18"), ("0.1", "0.1"), ("123456789.123456789", "123456789.12345679"),
        (#""a\u00e9\ud83d\ude00\n""#, "\"aé😀\\n\""), (#""\ud83d""#, "\"\u{FFFD}\""), ("[]", "[]"), ("{}", "{}"),
        (#"{"b":1,"a":[1,{"c":null}]}"#, #"{"b":1,"a":[1,{"c":null}]}"#), (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
    ])
    func roundTrip(text: String, written: String) throws {
        #expect(try JSON(parsing: text).text() == written)
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("[1\n,\n é]", 3, 2), ("01", 1, 1), ("1.", 1, 3),
        ("-", 1, 2), ("\"a", 1, 3), ("\"\\x\"", 1, 3), ("\"\u{1}\"", 1, 2), ("tru", 1, 1), ("1 2", 1, 3), ("1e", 1, 3),
        ("1e999", 1, 1), ("'a'", 1, 1), ("\"\\u12g4\"", 1, 6),
    ])
    func mistakesHaveAPosition(text: String, line: Int, column: Int) throws {
        let error = try #require(throws: JSONParseError.self) { try JSON(parsing: text) }
        #expect(error.line == line)
        #expect(error.column == column, "\(error)")
    }

    @Test func depthIsBounded() throws {
        let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        _ = try JSON(parsing: deep)
        #expect(throws: JSONParseError.self) { try JSON(parsing: "[" + deep + "]") }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONParseError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func largeObjectsKeepOrderAndFoldDuplicates() throws {
        let names = (0..<40).map { "\"k\($0 % 30)\":\($0)" }.joined(separator: ",")
        let object = try #require(JSON(parsing: "{\(names)}").objectValue)
        #expect(object.count == 30)
        #expect(object.keys == (0..<30).map { "k\($0)" })
        #expect(object["k5"] == 35)
        #expect(object["k29"] == 29)
    }

    @Test func objectsAreEqualInAnyOrder() {
        let left: JSON = ["a": 1, "b": [true, nil, 2.0]]
        let right: JSON = ["b": [true, nil, 2], "a": 1.0]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1])
    }

    @Test func membersCanBeChanged() {
        var value: JSON = ["a": 1]
        value["b"] = "x"
        value["a"] = nil
        #expect(value == ["b": "x"])
        #expect(value.text(.pretty) == "{\n  \"b\": \"x\"\n}")
    }

    @Test func namesCompareByBytes() throws {
        let object = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}").objectValue
        #expect(object?.count == 2)
    }
}
