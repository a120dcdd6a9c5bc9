import Core
@testable import Project
import Testing
@testable import millrace

@Suite struct ProjectPlanTests {
    /// `kind/name@fingerprint`
    static func items(_ text: String) -> [ProjectItem] {
        text.split(separator: " ").map { word in
            let parts = word.split { $0 == "/" || $0 == "@" }.map(String.init)
            return ProjectItem(
                kind: ProjectItem.Kind(rawValue: parts[0])!, name: parts[1], fingerprint: parts[2], detail: "")
        }
    }

    @Test(arguments: [
        ("", "", ""),
        ("", "function/a@1 trigger/t@1", "create function/a, create trigger/t"),
        ("function/a@1", "function/a@1", ""),
        ("function/a@1", "function/a@2", "change function/a"),
        ("function/a@1 trigger/t@1", "", "delete trigger/t, delete function/a"),
        ("function/a@1", "workflow/a@1", "create workflow/a, delete function/a"),
        (
            "function/a@1 function/b@1", "function/b@2 function/c@1",
            "change function/b, create function/c, delete function/a"
        ),
        // What holds data stays.
        ("bucket/b@1 queue/q@1 topic/t@1 function/f@1", "", "delete function/f"),
        ("bucket/b@1", "bucket/b@1 function/f@1", "create function/f"),
    ])
    func `the plan is the difference`(_ before: String, _ after: String, _ changes: String) {
        let plan = ProjectPlan(from: Self.items(before), to: Self.items(after))
        let text = plan.changes.map { "\($0.action.rawValue) \($0.item.kind.rawValue)/\($0.item.name)" }
        #expect(text.joined(separator: ", ") == changes)
    }

    @Test func `a change as JSON names what happens to what`() {
        let item = ProjectItem(kind: .function, name: "f", fingerprint: "x", detail: "exec, 128 MB, 3 s")
        #expect(
            ProjectChange(action: .create, item: item).json.text()
                == #"{"action":"create","kind":"function","name":"f","detail":"exec, 128 MB, 3 s"}"#)
    }
}

@Suite struct ProjectItemsTests {
    static func function(_ change: (inout FunctionResource) -> Void = { _ in }) -> FunctionResource {
        var function = FunctionResource(
            name: "f", file: "functions/f/function.yaml", codeDirectory: "/code", runtime: "exec", handler: "run.sh")
        function.environment = ["A": "1", "B": "2", "C": "3", "D": "4"]
        function.tags = ["team": "x", "stage": "y"]
        change(&function)
        return function
    }

    @Test func `the fingerprint is the same in every order and for every place of the file`() {
        let print = ProjectItems.fingerprint(Self.function())
        for _ in 0..<10 {
            let again = Self.function {
                $0.file = "elsewhere.yaml"
                // Built anew: another order of its buckets.
                $0.environment = Dictionary(uniqueKeysWithValues: $0.environment.shuffled().map { ($0.key, $0.value) })
            }
            #expect(ProjectItems.fingerprint(again) == print)
        }
    }

    static let changes: [@Sendable (inout FunctionResource) -> Void] = [
        { $0.runtime = "python3.12" }, { $0.handler = "go.sh" }, { $0.memorySize = 256 }, { $0.timeout = 4 },
        { $0.environment["A"] = "2" }, { $0.environment["E"] = "" }, { $0.ephemeralStorage = 1024 },
        { $0.reservedConcurrency = 0 }, { $0.provisionedConcurrency = 1 }, { $0.maximumRetryAttempts = 0 },
        { $0.maximumEventAge = 60 }, { $0.onSuccess = EventDestination(.queue, "a") },
        { $0.onSuccess = EventDestination(.topic, "a") }, { $0.onFailure = EventDestination(.queue, "a") },
        { $0.deadLetter = EventDestination(.queue, "a") },
        { $0.tags["team"] = "z" }, { $0.buildMethod = "makefile" }, { $0.description = "d" },
        { $0.codeDirectory = "/other" },
    ]

    @Test func `every property changes the fingerprint, and each in its own way`() {
        let prints = Self.changes.map { ProjectItems.fingerprint(Self.function($0)) }
        #expect(Set(prints + [ProjectItems.fingerprint(Self.function())]).count == Self.changes.count + 1)
    }

    @Test func `values do not run into each other`() {
        let left = Self.function { $0.environment = ["A": "1;B=2"] }
        let right = Self.function { $0.environment = ["A": "1", "B": "2"] }
        #expect(ProjectItems.fingerprint(left) != ProjectItems.fingerprint(right))
    }

    @Test func `triggers imply buckets, queues and topics, before what uses them`() {
        var definition = ProjectDefinition()
        definition.functions = [
            Self.function {
                $0.deadLetter = EventDestination(.queue, "dead")
                $0.onSuccess = EventDestination(.topic, "arn:aws:sns:us-east-1:000000000000:elsewhere")
                $0.onFailure = EventDestination(.topic, "failed")
            }
        ]
        func trigger(_ name: String, _ source: TriggerSource, _ target: TriggerTarget) -> TriggerResource {
            let mark = SourceMark(line: 1, column: 1)
            return TriggerResource(
                name: name, file: "t.yaml", mark: mark, targetMark: mark, source: source, target: target)
        }
        definition.triggers = [
            trigger("drop", .bucket(BucketTrigger(bucket: "inbox")), .function("f")),
            trigger("again", .bucket(BucketTrigger(bucket: "inbox", prefix: "x")), .topic("news")),
            trigger("sub", .topic(TopicTrigger(topic: "alerts")), .queue("jobs")),
        ]
        let items = ProjectItems(definition: definition, code: ["f": "c0de"]).all
        #expect(
            items.map { "\($0.kind.rawValue)/\($0.name)" } == [
                "bucket/inbox", "queue/dead", "queue/jobs", "topic/alerts", "topic/failed", "topic/news",
                "function/f", "trigger/drop", "trigger/again", "trigger/sub",
            ])
        #expect(items.first { $0.kind == .function }?.fingerprint.hasSuffix("c0de") == true)
        #expect(items.first { $0.name == "drop" }?.detail == "drop → function f")
    }
}
