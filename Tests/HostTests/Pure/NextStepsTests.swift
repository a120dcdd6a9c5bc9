import Testing

@testable import Project
@testable import millrace

@Suite struct NextStepsTests {
    @Test func `what can be tried is named, two of each kind`() {
        let mark = SourceMark(line: 1, column: 1)
        let signature = WebhookSignature(scheme: "github", secret: "s")
        let sources: [TriggerSource] = [
            .http(HTTPTrigger(path: "/signed", method: "POST", signature: signature)),
            .http(HTTPTrigger(path: "/one", method: "ANY")), .http(HTTPTrigger(path: "/two", method: "GET")),
            .http(HTTPTrigger(path: "/three", method: "GET")), .topic(TopicTrigger(topic: "news")),
            .queue(QueueTrigger(queue: "jobs")),
        ]
        var project = ProjectDefinition()
        project.triggers = sources.map {
            TriggerResource(
                name: "t", file: "t.yaml", mark: mark, targetMark: mark, source: $0, target: .function("f"))
        }
        let steps = NextSteps(settings: HostSettings(dataDirectory: "/data"), project: project)
        #expect(
            Array(steps.lines.prefix(3)) == [
                "call the webhook  curl -X POST 'http://127.0.0.1:4580/one'",
                "call the webhook  curl -X GET 'http://127.0.0.1:4580/two'",
                "publish           millrace publish news 'hello'",
            ])
    }
}
