import Core
import HostTesting
import Testing

/// Logs Insights through the gateway: queries over groups, and what is found in lines.
@Suite struct InsightsTests {
    private let logs: CloudWatchLogsTests

    init() throws { logs = try CloudWatchLogsTests() }

    /// Two groups with lines a minute apart, the last of them now.
    private func fill() async throws {
        let now = logs.clock.now.milliseconds
        for (group, levels) in [("a", ["INFO", "WARN", "INFO"]), ("b", ["WARN"])] {
            _ = try await logs.call("CreateLogGroup", ["logGroupName": .string(group)])
            _ = try await logs.call("CreateLogStream", ["logGroupName": .string(group), "logStreamName": "s"])
            let events = levels.enumerated().map { place, level -> JSON in
                [
                    "timestamp": .int(now - Int64(levels.count - 1 - place) * 60_000),
                    "message": .string("{\"level\":\"\(level)\",\"ms\":\((place + 1) * 10)}"),
                ]
            }
            let put = try await logs.call(
                "PutLogEvents", ["logGroupName": .string(group), "logStreamName": "s", "logEvents": .array(events)])
            #expect(put.status == 200, "\(put.json)")
        }
    }

    private func ask(_ query: String, _ more: JSONObject = [:]) async throws -> JSON {
        let now = logs.clock.now.milliseconds / 1000
        var input: JSONObject = [
            "logGroupNames": ["a", "b"], "startTime": .int(now - 3600), "endTime": .int(now),
            "queryString": .string(query),
        ]
        for (name, value) in more { input[name] = value }
        let started = try await logs.call("StartQuery", .object(input))
        let id = try #require(started.json["queryId"], "\(started.json)")
        return try await logs.call("GetQueryResults", ["queryId": id]).json
    }

    private func rows(_ answer: JSON) -> [[String]] {
        (answer["results"]?.arrayValue ?? []).map { row in
            (row.arrayValue ?? []).filter { $0["field"] != "@ptr" }.compactMap { $0["value"]?.stringValue }
        }
    }

    @Test func groupsAreAskedAsOne() async throws {
        try await fill()
        let answer = try await ask("filter ms >= 10 | stats count(*) as n, avg(ms) by level | sort n desc, level")
        #expect(rows(answer) == [["INFO", "2", "20"], ["WARN", "2", "15"]])
        #expect(answer["statistics"]?["recordsMatched"]?.doubleValue == 4)
        #expect(answer["statistics"]?["recordsScanned"]?.doubleValue == 4)
        #expect(rows(try await ask("fields level, ms | sort ms desc", ["limit": 1])) == [["INFO", "30"]])
        #expect(
            rows(try await ask("fields @log | dedup @log | sort @log")) == [["111111111111:a"], ["111111111111:b"]])
    }

    @Test func linesAreFoundAgain() async throws {
        try await fill()
        let answer = try await ask("fields @message | filter level = 'WARN' and ms = 20")
        let cells = answer["results"]?[0]?.arrayValue ?? []
        let pointer = try #require(cells.first { $0["field"] == "@ptr" }?["value"])
        let record = try await logs.call("GetLogRecord", ["logRecordPointer": pointer]).json["logRecord"]
        #expect(record?["level"] == "WARN")
        #expect(record?["ms"] == "20")
        #expect(record?["@log"] == "111111111111:a")
        #expect(record?["@ptr"] == pointer)
        for wrong in ["bm90aGluZw==", "no pointer"] {
            let refused = try await logs.call("GetLogRecord", ["logRecordPointer": .string(wrong)])
            #expect(refused.code == "InvalidParameterException")
        }
        _ = try await logs.call("DeleteLogGroup", ["logGroupName": "a"])
        #expect(
            try await logs.call("GetLogRecord", ["logRecordPointer": pointer]).code == "ResourceNotFoundException")
    }

    @Test func fieldsOfAGroupAreCounted() async throws {
        try await fill()
        let now = logs.clock.now.milliseconds / 1000
        _ = try await logs.call(
            "PutLogEvents",
            [
                "logGroupName": "a", "logStreamName": "s",
                "logEvents": [["timestamp": .int(now * 1000), "message": "{\"other\":[1,{\"a\":2}]}"]],
            ])
        let fields = try await logs.call("GetLogGroupFields", ["logGroupName": "a"]).json["logGroupFields"]
        let percents = Dictionary(
            (fields?.arrayValue ?? []).map { ($0["name"]?.stringValue ?? "", $0["percent"]?.intValue ?? 0) }
        ) { $1 }
        #expect(percents["@message"] == 100)
        #expect(percents["level"] == 75)
        #expect(percents["other.1.a"] == 25)
        let earlier = try await logs.call("GetLogGroupFields", ["logGroupName": "a", "time": .int(now - 7200)])
        #expect(earlier.json["logGroupFields"] == [])
        #expect(
            try await logs.call("GetLogGroupFields", ["logGroupName": "none"]).code == "ResourceNotFoundException")
    }

    @Test func metricFiltersAreTriedOut() async throws {
        let answer = try await logs.call(
            "TestMetricFilter",
            ["filterPattern": "[code, ms > 10]", "logEventMessages": ["200 5", "404 20", "no", "500 30"]])
        #expect(
            answer.json["matches"] == [
                [
                    "eventNumber": 2, "eventMessage": "404 20", "extractedValues": ["$code": "404", "$ms": "20"],
                ],
                ["eventNumber": 4, "eventMessage": "500 30", "extractedValues": ["$code": "500", "$ms": "30"]],
            ], "\(answer.json)")
        let refused = try await logs.call(
            "TestMetricFilter", ["filterPattern": "{ $.a = }", "logEventMessages": ["a"]])
        #expect(refused.code == "InvalidParameterException")
    }

    @Test func whatIsNoQueryIsRefused() async throws {
        try await fill()
        let refused = try await logs.call(
            "StartQuery",
            ["logGroupName": "a", "startTime": 0, "endTime": 1, "queryString": "stats total(ms) by level"])
        #expect(refused.code == "MalformedQueryException")
        #expect(refused.message == "the function 'total' of stats is not served")
    }
}
