import Core
import StatesLanguage
import Testing

@Suite struct ModelTests {
    @Test func resolvesTransitions() throws {
        let machine = try machine([
            "C": [
                "Type": "Choice", "Default": "E",
                "Choices": [["Variable": "$.a", "IsPresent": true, "Next": "T", "Assign": ["x.$": "$.a"]]],
            ],
            "T": [
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "TimeoutSeconds": 60,
                "HeartbeatSecondsPath": "$.h", "Credentials": ["RoleArn.$": "$.role"],
                "Retry": [["ErrorEquals": ["X"], "MaxDelaySeconds": 5, "JitterStrategy": "FULL"]],
                "Catch": [["ErrorEquals": ["States.ALL"], "Next": "E", "ResultPath": "$.error"]], "Next": "E",
            ],
            "E": ["Type": "Succeed"],
        ])
        let graph = machine.graph
        #expect(graph.startAt == 0 && graph.index(of: "E") == 2 && graph.name(at: 1) == "T")
        guard case .choice(let choice) = graph[0].kind, case .task(let task) = graph[1].kind else { return }
        #expect(choice.rules[0].next == 1 && choice.defaultNext == 2)
        #expect(choice.rules[0].assign?.map(\.variable) == ["x"])
        #expect(graph[1].transition == .next(2) && graph[2].transition == .end)
        #expect(task.catchers[0].next == 2)
        #expect(task.resource.integration?.pattern == .waitForTaskToken)
        #expect(task.resource.integration?.resource == "invoke.waitForTaskToken")
        #expect(task.resource.integration?.resourceType == "lambda")
        let retrier = task.retriers[0]
        #expect(retrier.maxAttempts == 3 && retrier.jitterStrategy == .full)
        #expect((0..<4).map { retrier.delaySeconds(attempt: $0) } == [1, 2, 4, 5])
        #expect(retrier.delaySeconds(attempt: .max) == 5)
    }

    @Test(
        arguments: [
            ("arn:aws:lambda:us-east-1:000000000000:function:f:1", "lambda"),
            ("arn:aws:states:us-east-1:000000000000:activity:a", "activity"),
            ("arn:aws:states:::states:startExecution.sync:2", "states startExecution.sync:2"),
            ("arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken", "aws-sdk:sqs sendMessage.waitForTaskToken"),
            ("arn:aws-cn:states:::ecs:runTask.sync", "ecs runTask.sync"),
            ("arn:aws:states:us-east-1:000000000000:aws-sdk:s3:getObject", "aws-sdk:s3 getObject"),
            ("arn:aws:states:::lambda:invoke.sync", nil), ("arn:aws:states:::lambda:list", nil),
            ("arn:aws:states:::aws-sdk:sqs:SendMessage", nil), ("arn:aws:states:::aws-sdk:sqs:sendMessage.sync", nil),
            ("arn:aws:sns:us-east-1:000000000000:topic", nil), ("text", nil), ("", nil),
        ] as [(String, String?)]) func takesResourcesApart(_ text: String, _ expected: String?)
    {
        let found = TaskResource(text).map { resource in
            switch resource.kind {
            case .lambda: "lambda"
            case .activity: "activity"
            case .optimized(let integration), .sdk(let integration):
                "\(integration.resourceType) \(integration.resource)"
            }
        }
        #expect(found == expected)
    }

    @Test func compilesEverythingOfADistributedMap() throws {
        let machine = try machine([
            "M": [
                "Type": "Map", "Label": "run", "MaxConcurrency": 1000, "ToleratedFailurePercentage": 5,
                "ItemReader": [
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": [
                        "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"],
                        "CSVDelimiter": "PIPE", "MaxItemsPath": "$.max",
                    ],
                    "Parameters": ["Bucket": "b", "Key.$": "$.key"],
                ],
                "ItemSelector": ["row.$": "$$.Map.Item.Value"],
                "ItemBatcher": [
                    "MaxItemsPerBatch": 10, "MaxInputBytesPerBatchPath": "$.bytes", "BatchInput": ["x.$": "$.x"],
                ],
                "ResultWriter": [
                    "Resource": "arn:aws:states:::s3:putObject", "Parameters": ["Bucket": "b", "Prefix": "p"],
                    "WriterConfig": ["Transformation": "COMPACT", "OutputType": "JSONL"],
                ],
                "ItemProcessor": [
                    "ProcessorConfig": ["Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"], "StartAt": "P",
                    "States": ["P": ["Type": "Pass", "End": true]],
                ],
                "End": true,
            ]
        ])
        guard case .map(let map) = machine.graph[0].kind, case .reader(let reader, nil) = map.items else {
            Issue.record("not a Map state with a reader")
            return
        }
        #expect(map.processor.mode == .distributed(.express))
        #expect(map.label == "run" && !map.isLegacy)
        #expect(reader.configuration.csvHeaders == .given(["a", "b"]) && reader.configuration.csvDelimiter == .pipe)
        #expect(map.resultWriter?.transformation == .compact && map.resultWriter?.outputType == .jsonLines)
        var scope = EvaluationScope.ofCase(["max": 7, "key": "k", "bytes": 9, "x": 1])
        #expect(try scope.integer(try #require(reader.configuration.maxItems), named: "MaxItems") == 7)
        #expect(try scope.evaluate(try #require(reader.arguments)) == ["Bucket": "b", "Key": "k"])
        #expect(try scope.integer(try #require(map.itemBatcher?.maxInputBytesPerBatch), named: "") == 9)
    }

    @Test func listsVariableReferences() throws {
        let machine = try machine([
            "S": [
                "Type": "Pass", "Assign": ["a": 1], "InputPath": "$in",
                "Parameters": ["x.$": "States.Format('{}', $p)"], "Next": "C",
            ],
            "C": [
                "Type": "Choice", "Choices": [["Variable": "$guess", "NumericEqualsPath": "$answer", "Next": "W"]],
                "Default": "M",
            ],
            "W": ["Type": "Wait", "SecondsPath": "$seconds", "Next": "F"],
            "M": [
                "Type": "Map", "ItemsPath": "$list", "MaxConcurrencyPath": "$most", "Next": "F",
                "ItemProcessor": [
                    "StartAt": "I", "States": ["I": ["Type": "Pass", "OutputPath": "$inner.x", "End": true]],
                ],
            ],
            "F": ["Type": "Fail", "ErrorPath": "$error", "CausePath": "States.Format('{}', $cause)"],
        ])
        let found = JSON.object(
            JSONObject(machine.variableReferences().map { ($0.state, .array($0.variables.map(JSON.string))) }))
        #expect(
            found == [
                "S": ["in", "p"], "C": ["answer", "guess"], "W": ["seconds"], "M": ["list", "most"], "I": ["inner"],
                "F": ["cause", "error"],
            ])
    }

    @Test func compilesOneStateToBeTested() throws {
        let compiled = StateMachineDefinition.compileForTest(["Type": "Pass", "Next": "Elsewhere"])
        let graph = try #require(compiled.definition?.graph)
        #expect(graph[0].name == "StateName")
        guard case .next(let next) = graph[0].transition else { return }
        #expect(graph.name(at: next) == "Elsewhere")
        let wrong = StateMachineDefinition.compileForTest(["Type": "Parallel", "Branches": [], "End": true])
        #expect(wrong.diagnostics.map(\.location) == ["/States/StateName/Branches"])
        let nested = StateMachineDefinition.compileForTest([
            "StartAt": "Gone",
            "States": [
                "P": [
                    "Type": "Parallel", "Branches": [["StartAt": "X", "States": ["Y": ["Type": "Succeed"]]]],
                    "End": true,
                ]
            ],
        ])
        #expect(nested.definition?.graph.find("Y")?.state.name == "Y")
        #expect(nested.definition?.graph.find("Z") == nil)
    }
}
