import Core
import Testing

@testable import Events

/// The texts are those that AWS sends for these templates and this event.
@Suite struct InputTemplateTests {
    static let event: JSON = [
        "version": "0", "id": "e", "detail-type": "type", "source": "src", "account": "111111111111",
        "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
        "detail": [
            "payload": ["acc_id": "0a78", "sf_id": "baz"], "one": ["HIGH"], "two": ["ACTIVE", "INACTIVE"],
            "valid": true, "quoted": "say \"hi\"",
        ],
    ]
    static let paths = [
        "id": "$.detail.payload.acc_id", "payload": "$.detail.payload", "one": "$.detail.one", "two": "$.detail.two",
        "gone": "$.detail.gone", "valid": "$.detail.valid", "quoted": "$.detail.quoted", "first": "$.detail.two[0]",
        "type": "$['detail-type']",
    ]

    @Test(arguments: [
        (#""Event of <type>, <id>""#, #""Event of type, 0a78""#),
        (#""<one> and <two>""#, #""[HIGH] and [ACTIVE,INACTIVE]""#),
        (#""<payload>""#, #""{acc_id:0a78,sf_id:baz}""#),
        (#""<gone>|<valid>""#, #""|true""#),
        (#"{"id": <id>, "gone": <gone>}"#, #"{"id": "0a78", "gone": ""}"#),
        (#"{"id": "<id>", "path": "users/<id>/x/<id>"}"#, #"{"id": "0a78", "path": "users/0a78/x/0a78"}"#),
        (#"{"b": <payload>, "l": [<id>, "x"]}"#, #"{"b": {"acc_id":"0a78","sf_id":"baz"}, "l": ["0a78", "x"]}"#),
        (#"{"q": "<quoted>", "f": <first>}"#, #"{"q": "say \"hi\"", "f": "ACTIVE"}"#),
        (#"{"r": <aws.events.rule-name>}"#, #"{"r": "rule"}"#),
    ])
    func fills(_ template: String, _ expected: String) throws {
        #expect(try fill(template) == expected)
    }

    /// What would be no JSON is not sent.
    @Test(arguments: [#"{"payload": "<payload>"}"#, #"{"l": "<one>"}"#])
    func dropsWhatIsNotValid(_ template: String) throws {
        #expect(try fill(template) == nil)
    }

    @Test func refusesAnUnknownPlaceholder() {
        let target: JSONObject = [
            "Id": "t", "Arn": "arn:aws:sqs:::q",
            "InputTransformer": ["InputPathsMap": [:], "InputTemplate": "\"<nothing>\""],
        ]
        #expect(throws: BusError(.invalid, "InputTemplate for target t contains invalid placeholder nothing.")) {
            try TargetInput(target)
        }
    }

    private func fill(_ template: String) throws -> String? {
        let compiled = try InputTemplate(template, paths: Self.paths.compactMapValues(InputPath.init))
        let rule = RuleKey(BusKey(Scope()), "rule")
        return compiled.fill(Self.event, rule, ingestedAt: Timestamp(milliseconds: 0)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
