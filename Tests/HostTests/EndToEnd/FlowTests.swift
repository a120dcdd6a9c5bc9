import Core
import HostTesting
import Testing

extension EndToEnd {
    /// From what happens to what is done about it.
    @Suite struct FlowTests {
        static let drop = """
            Events:
              Drop:
                Type: S3
                Properties:
                  Bucket: inbox
                  Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}, {Name: suffix, Value: .txt}]}}
            """

        @Test(.timeLimit(.minutes(3))) func `a dropped file reaches its function`() async throws {
            let host = try TestHost(
                Samples.function("note", Samples.script(append: "$(field key)"), timeout: 60, events: Self.drop))
            try await host.start()
            let bucket = "\(host.data)/buckets/inbox"
            try Directory.create("\(bucket)/in")
            try File.write(Array("1".utf8), to: "\(bucket)/in/first.txt")
            try await host.waitForEffect("in/first.txt")
            try File.write([], to: "\(bucket)/in/other.csv")
            try File.write([], to: "\(bucket)/outside.txt")
            try await host.stop()
            // What was dropped while the host was down is found when it starts.
            try File.write(Array("2".utf8), to: "\(bucket)/in/second.txt")
            try await host.start()
            try await host.waitForEffect("in/second.txt")
            try await host.stop()
            #expect(host.effectLines == ["in/first.txt", "in/second.txt"])
        }

        @Test(.timeLimit(.minutes(5))) func `2,000 files dropped at once are delivered, each once`() async throws {
            let count = 2000
            let host = try TestHost([
                "functions/note/function.yaml": """
                Runtime: python3.12
                Handler: app.handler
                Timeout: 60
                ReservedConcurrentExecutions: 2
                Environment: {Variables: {EFFECTS: "${EFFECTS}"}}
                Events: {Drop: {Type: S3, Properties: {Bucket: inbox}}}
                """,
                "functions/note/app.py": """
                import os
                def handler(event, context):
                    with open(os.environ["EFFECTS"], "a") as file:
                        file.write("".join(r["s3"]["object"]["key"] + "\\n" for r in event["Records"]))
                """,
            ])
            try await host.start()
            for index in 0..<count { try File.write([48], to: "\(host.data)/buckets/inbox/f\(index)") }
            try await eventually("all files are delivered", within: 240) { host.effectLines.count >= count }
            #expect(try await host.stop() == 0)
            #expect(host.effectLines.count == count)
            #expect(Set(host.effectLines).count == count)
        }

        @Test(.timeLimit(.minutes(3))) func `timers fire, topics fan out, rules match`() async throws {
            let host = try TestHost(
                Samples.function(
                    "timer", Samples.script(append: "timer $(field what)"), timeout: 60,
                    events: """
                        Events:
                          Daily:
                            Type: ScheduleV2
                            Properties: {ScheduleExpression: rate(1 day), Input: '{"what":"daily"}'}
                        """)
                    + Samples.function(
                        "reader", Samples.script(append: "topic $(field Message)"), timeout: 60,
                        events: """
                            Events:
                              News:
                                Type: SNS
                                Properties: {Topic: news, FilterPolicy: {kind: [good]}}
                            """)
                    + Samples.function(
                        "ruled", Samples.script(append: "rule $(field order)"), timeout: 60,
                        events: """
                            Events:
                              Orders:
                                Type: EventBridgeRule
                                Properties: {Pattern: {source: [shop], detail-type: [placed]}}
                            """))
            try await host.start()
            #expect(try await host.command("triggers", "fire", "timer-Daily").exitCode == 0)
            try await host.waitForEffect("timer daily")

            let bad = try await host.command("publish", "news", "bad news", "--attribute", "kind=bad")
            #expect(bad.exitCode == 0, "\(bad.errors)")
            let good = try await host.command("publish", "news", "good news", "--attribute", "kind=good", "--json")
            #expect(good.json["messageId"]?.stringValue?.utf8.count == 36, "\(good.errors)")
            try await host.waitForEffect("topic good news")

            for (kind, order) in [("cancelled", "1"), ("placed", "2")] {
                let put = try host.aws(
                    "events", "AWSEvents.PutEvents",
                    [
                        "Entries": [
                            [
                                "Source": "shop", "DetailType": .string(kind),
                                "Detail": .string(#"{"order":"\#(order)"}"#),
                            ]
                        ]
                    ])
                #expect(put.json["FailedEntryCount"] == 0, "\(put.text)")
            }
            try await host.waitForEffect("rule 2")
            try await host.stop()
            #expect(Set(host.effectLines) == ["timer daily", "topic good news", "rule 2"])
        }

        @Test(.timeLimit(.minutes(3))) func `a webhook starts a workflow of functions and its cost is known`()
            async throws
        {
            let definition = """
                {"StartAt":"Ask","States":{
                  "Ask":{"Type":"Task","Resource":"${answer.Arn}","ResultPath":"$.answer","Next":"Is it good"},
                  "Is it good":{"Type":"Choice","Default":"Refuse",
                    "Choices":[{"Variable":"$.answer.n","NumericGreaterThan":40,"Next":"Tell"}]},
                  "Refuse":{"Type":"Fail","Error":"TooSmall"},
                  "Tell":{"Type":"Task","Resource":"arn:aws:states:::sns:publish","ResultPath":null,"End":true,
                    "Parameters":{"TopicArn":"arn:aws:sns:${AWS::Region}:${AWS::AccountId}:answers","Message":"it is good"}}}}
                """
            let host = try TestHost(
                Samples.function("answer", "#!/bin/sh\ncat > /dev/null\necho '{\"n\":42}'\n", timeout: 60)
                    + Samples.function(
                        "reader", Samples.script(append: "$(field Message)"), timeout: 60,
                        events: """
                            Events: {News: {Type: SNS, Properties: {Topic: answers}}}
                            """)
                    + [
                        "workflows/flow.asl.json": definition,
                        "triggers/hook.yaml":
                            "Type: HttpApi\nProperties: {Path: /go, Method: POST}\nTarget: {Workflow: flow}\n",
                    ])
            try await host.start()
            let started = try host.webhook("POST", "/go", "{}")
            #expect(started.status == 202, "\(started.text)")
            let arn = try #require(started.json["executionArn"]?.stringValue)
            let followed = try await host.command("executions", "follow", arn)
            #expect(followed.exitCode == 0, "\(followed.errors)")
            #expect(followed.output.contains("✔ Ask"))
            #expect(followed.output.contains("✔ Tell"))
            #expect(!followed.output.contains("Refuse"))
            try await host.waitForEffect("it is good")
            let shown = try await host.command("executions", "show", arn, "--json")
            #expect(shown.json["status"] == "SUCCEEDED")
            #expect(shown.json["output"]?["answer"]?["n"] == 42)
            // Three transitions and more at 0.000025 dollars each.
            let cost = try #require(shown.json["cost"]?.stringValue.flatMap(Double.init))
            #expect(cost >= 0.000075)
            let bill = try await host.command("bill", "--by", "workflow", "--json")
            #expect(bill.output.contains("stateMachine:flow"), "\(bill.output)")
            try await host.stop()
        }
    }
}
