import Core
@testable import Project
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ProjectReaderTests {
    /// Files of a project, written to a directory of its own that is removed afterwards.
    final class Fixture {
        let path: String

        init(_ files: [String: String]) throws {
            var template = Array("/tmp/millrace-project-XXXXXX".utf8CString)
            path = String(cString: try #require(mkdtemp(&template)))
            for (name, text) in files {
                let full = "\(path)/\(name)"
                let folder = full[..<full.lastIndex(of: "/")!]
                try Directory.create(String(folder))
                try File.write(Array(text.utf8), to: full)
            }
        }

        deinit {
            Self.remove(path)
        }

        static func remove(_ path: String) {
            for entry in Directory.entries(path) { remove("\(path)/\(entry)") }
            if rmdir(path) != 0 { unlink(path) }
        }

        func read() -> ProjectReading {
            ProjectReader(directory: path, scope: Scope(), environment: ["SECRET": "s3cret"]).read()
        }
    }

    @Test func readsFunctionsWorkflowsAndTriggers() throws {
        let project = try Fixture([
            "functions/hello/function.yaml": """
            Runtime: python3.12
            Handler: app.handler
            MemorySize: 256
            Environment: {Variables: {A: "1"}}
            Events:
              Drop:
                Type: S3
                Properties:
                  Bucket: inbox
                  Filter: {S3Key: {Rules: [{Name: suffix, Value: .csv}]}}
            """,
            "workflows/flow.asl.json":
                #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${hello.Arn}","End":true}}}"#,
            "triggers/hook.yaml": """
            Type: HttpApi
            Properties: {Path: "/hook/{id}", Method: post, Signature: {Scheme: github, Secret: "${SECRET}"}}
            Target: {Workflow: flow}
            """,
        ])
        let reading = project.read()
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        let function = try #require(reading.definition.functions.first)
        #expect(function.memorySize == 256)
        #expect(function.environment == ["A": "1"])
        #expect(reading.definition.workflows.first?.definition.contains("function:hello") == true)
        #expect(reading.definition.triggers.map(\.name) == ["hello-Drop", "hook"])
        #expect(reading.definition.triggers[0].source == .bucket(BucketTrigger(bucket: "inbox", suffix: ".csv")))
        guard case .http(let hook) = reading.definition.triggers[1].source else { return #expect(Bool(false)) }
        #expect(hook.method == "POST")
        #expect(hook.signature?.secret == "s3cret")
    }

    @Test func variablesAreReplacedAndTheirTextCanBeKept() throws {
        let project = try Fixture([
            "functions/a/function.yaml":
                "Runtime: exec\nHandler: a\nEnvironment: {Variables: {A: '${SECRET} ${!SECRET} ${AWS::Region} $x'}}"
        ])
        let reading = project.read()
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        #expect(reading.definition.functions.first?.environment == ["A": "s3cret ${SECRET} us-east-1 $x"])
    }

    @Test func aMistakeInOneFileIsNoneOfAnother() throws {
        let project = try Fixture([
            "functions/a/function.yaml": "Runtime: [",
            "functions/b/function.yaml": "Runtime: exec\nHandler: b\nMemorySize: 1x",
            "workflows/w.asl.yaml": "StartAt: [",
            "workflows/v.asl.json": #"{"A":"${a.Arn}","W":"${w.Arn}"}"#,
            "triggers/a.yaml": "Type: S3\nProperties: {Bucket: one}\nTarget: {Function: a}",
            "triggers/w.yaml": "Type: S3\nProperties: {Bucket: one}\nTarget: {Workflow: w}",
        ])
        let reading = project.read()
        #expect(
            reading.problems.map(\.file).sorted() == [
                "functions/a/function.yaml", "functions/b/function.yaml", "workflows/w.asl.yaml",
            ], "\(reading.problems)")
        #expect(
            reading.definition.workflows.first?.definition
                == #"{"A":"arn:aws:lambda:us-east-1:000000000000:function:a","#
                + #""W":"arn:aws:states:us-east-1:000000000000:stateMachine:w"}"#)
    }

    @Test func aNameStandsForOneThing() throws {
        let project = try Fixture([
            "functions/a/function.yaml":
                "Runtime: exec\nHandler: a\nEvents: {E: {Type: S3, Properties: {Bucket: one}}}",
            "triggers/a-E.yaml": "Type: S3\nProperties: {Bucket: two}\nTarget: {Function: a}",
            "workflows/w.asl.json": "{}", "workflows/w.asl.yaml": "{}",
        ])
        #expect(
            project.read().problems.map(\.description) == [
                "workflows/w.asl.yaml: workflows/w.asl.json defines the same workflow. Remove one.",
                "triggers/a-E.yaml:1:1: 'a-E' is the name of another trigger, of functions/a/function.yaml. Rename one.",
            ])
    }

    @Test(arguments: [("Function: f", false), ("Workflow: f", false), ("Queue: f", true), ("Url: http://h/", true)])
    func webhooksOfWhatGivesNoAnswerAreQueued(target: String, isQueued: Bool) throws {
        let project = try Fixture([
            "triggers/t.yaml": "Type: HttpApi\nProperties: {Path: /a}\nTarget: {\(target)}"
        ])
        guard case .http(let hook)? = project.read().definition.triggers.first?.source else {
            return #expect(Bool(false))
        }
        #expect(hook.isQueued == isQueued)
    }

    @Test func destinationsHaveTypes() throws {
        let project = try Fixture([
            "functions/a/function.yaml": """
            Runtime: exec
            Handler: a
            DeadLetterQueue: {Type: SQS, TargetArn: dead}
            EventInvokeConfig:
              DestinationConfig:
                OnSuccess: {Type: SNS, Destination: good}
                OnFailure: {Destination: bad}
            """
        ])
        let reading = project.read()
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        let function = try #require(reading.definition.functions.first)
        #expect(function.deadLetter == EventDestination(.queue, "dead"))
        #expect(function.onSuccess == EventDestination(.topic, "good"))
        #expect(function.onFailure == EventDestination(.queue, "bad"))
    }

    @Test(arguments: [
        ("functions/a/function.yaml", "Runtime: python3.12", "functions/a/function.yaml:1:1: Handler: is missing."),
        (
            "functions/a/function.yaml", "Runtime: python3.12\nHandler: a.b\nTimeout: 9000",
            "functions/a/function.yaml:3:10: Timeout: '9000' does not fit. Write a whole number of seconds from 1 to 900."
        ),
        (
            "functions/a/function.yaml", "Runtime: exec\nHandler: a\nTimout: 3",
            "functions/a/function.yaml:3:1: Timout: this property is not known. Did you mean 'Timeout'?"
        ),
        (
            "functions/a/function.yaml", "Runtime: [\n",
            "functions/a/function.yaml:2:1: did not find expected node content."
        ),
        ("functions/a/function.yaml", "A: &x 1", "functions/a/function.yaml:1:4: an anchor (&x) is not accepted"),
        ("functions/a/function.yaml", "A: 1\nA: 2", "functions/a/function.yaml:2:1: 'A' stands here twice"),
        ("functions/a/readme.txt", "x", "functions/a: has no function.yaml."),
        (
            "triggers/t.yaml", "Type: S3\nProperties: {Bucket: b}\nTarget: {Function: nope}",
            "triggers/t.yaml:3:20: Target.Function: there is no function 'nope'."
        ),
        (
            "triggers/t.yaml", "Type: Sqs\nProperties: {Queue: b}\nTarget: {Queue: q}",
            "triggers/t.yaml:1:7: Type: 'Sqs' is not one of the possible values."
        ),
        ("triggers/t.yaml", "", "triggers/t.yaml:1:1: the file is empty."),
        (
            "triggers/t.yaml",
            "Type: ScheduleV2\nProperties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: FLEXIBLE}}",
            "triggers/t.yaml:2:67: Properties.FlexibleTimeWindow.MaximumWindowInMinutes: is missing."
        ),
        (
            "triggers/t.yaml", "Type: S3\nProperties: {Bucket: b}\nTarget: nope",
            "triggers/t.yaml:3:9: Target: names with values are expected here."
        ),
        (
            "triggers/t.yaml", "Type: HttpApi\nProperties: {Path: /a, Mode: Sync}\nTarget: {Queue: b}",
            "triggers/t.yaml:2:30: Properties.Mode: the target gives no answer to wait for. Write 'Mode: Queued'"
        ),
        (
            "triggers/t.yaml", "Type: SNS\nProperties: {Topic: a}\nTarget: {Topic: b}",
            "triggers/t.yaml:3:17: Target.Topic: a topic delivers to no other topic."
        ),
        (
            "triggers/t.yaml", "Type: S3\nProperties: {Bucket: b, Filter: {S3Keys: {}}}\nTarget: {Queue: q}",
            "triggers/t.yaml:2:34: Properties.Filter.S3Keys: this property is not known. Did you mean 'S3Key'?"
        ),
        (
            "triggers/t.yaml", "Type: S3\nProperties: {Bucket: b, Filter: {S3Key: {Rule: []}}}\nTarget: {Queue: q}",
            "triggers/t.yaml:2:42: Properties.Filter.S3Key.Rule: this property is not known. Did you mean 'Rules'?"
        ),
        (
            "triggers/t.yaml", "Type: SQS\nProperties: {Queue: b, FilterCriteria: {Filter: []}}\nTarget: {Function: f}",
            "triggers/t.yaml:2:41: Properties.FilterCriteria.Filter: this property is not known. Did you mean 'Filters'?"
        ),
        (
            "functions/a/function.yaml",
            "Runtime: exec\nHandler: a\nEventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: Lambda, Destination: x}}}",
            "functions/a/function.yaml:3:20: EventInvokeConfig.DestinationConfig: there is no function 'x'. There are: a."
        ),
        (
            "functions/a/function.yaml", "Runtime: exec\nHandler:\ta\nEvents:\n\tX: 1",
            "functions/a/function.yaml:4:1: found character that cannot start any token: indent with spaces instead of tabs"
        ),
        (
            "functions/a/function.yaml", "Runtime: exec\n  Handler: a",
            "functions/a/function.yaml:2:10: mapping values are not allowed in this context: begin the line at the column"
        ),
        (
            "workflows/w.asl.yaml", "StartAt: A\nStates:\n  A: {Type: Task, Resource: '${nope.Arn}', End: true}",
            "workflows/w.asl.yaml:3:30: there is no function or workflow 'nope'. There are: ${w.Arn}."
        ),
        ("workflows/w.json", "{}", "workflows/w.json: is not taken for a workflow because of its name."),
        ("workflows/w.asl.yml", "{}", "workflows/w.asl.yml: is not taken for a workflow because of its name."),
        (
            "triggers/t.yml", "{}",
            "triggers/t.yml: is not taken for a trigger because of its name. Name it <name>.yaml."
        ),
        ("functions/a/function.yml", "x", "functions/a: has no function.yaml. Rename function.yml."),
        (
            "triggers/t.yaml", "Type: SNS\nProperties: {Topic: a}\nTarget:\n  Url: http://h/${NOPE}",
            "triggers/t.yaml:4:8: there is no variable 'NOPE'. Set it where 'millrace up' is started, or write '${!NOPE}'"
        ),
    ])
    func mistakesNameThePlaceAndTheMend(file: String, text: String, expected: String) throws {
        let project = try Fixture([file: text])
        let reading = project.read()
        #expect(
            reading.problems.contains { $0.description.hasPrefix(expected) },
            "\(reading.problems.map(\.description))")
    }
}
