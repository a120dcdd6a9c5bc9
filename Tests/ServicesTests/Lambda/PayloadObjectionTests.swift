import Testing
import Wire

@testable import Services

@Suite struct PayloadObjectionTests {
    private static let redacted = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "
    private static let anyValue =
        "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

    /// The place is that of the mistake, not where the payload begins.
    @Test(
        arguments: [
            ("{bad", "Unexpected character ('b' (code 98)): was expecting double-quote to start field name", "1", "2"),
            (
                "{\n \"a\": 1,\n}",
                "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
                "3", "1"
            ),
            ("[1,]", "Unexpected character (']' (code 93)): \(anyValue)", "1", "4"),
            (
                "{\"a\":1",
                "Unexpected end-of-input: expected close marker for Object (start marker at "
                    + "\(redacted)1, column: 1])", "1", "7"
            ),
            ("'a'", "Unexpected character (''' (code 39)): \(anyValue)", "1", "1"),
            (" ", "No content to map due to end-of-input", "1", "2"),
        ])
    func theMistakeIsNamed(_ payload: String, _ message: String, _ line: String, _ column: String) {
        let text = PayloadObjection(Array(payload.utf8)).error.message
        let wanted =
            "Could not parse request body into json: Could not parse payload into json: \(message)\n at "
            + "\(Self.redacted)\(line), column: \(column)]"
        #expect(text == wanted)
    }
}
