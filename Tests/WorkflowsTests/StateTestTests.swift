import Core
import HostTesting
import StatesLanguage
import Testing

@testable import Workflows

@Suite struct StateTestTests {
    private func run(_ test: StateTest) throws -> StateTestResult {
        var run = try StateTestRun(test, scope: Scope(), now: Timestamp(milliseconds: 0), seed: 1)
        _ = run.start()
        return run.result
    }

    static let task =
        #"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"#
        + #""ResultPath":"$.r","Retry":[{"ErrorEquals":["A"],"MaxAttempts":3,"IntervalSeconds":2}],"#
        + #""Catch":[{"ErrorEquals":["B"],"Next":"Caught"}],"Next":"Then"}"#

    @Test func passShowsItsStages() throws {
        let result = try run(
            StateTest(definition: #"{"Type":"Pass","Parameters":{"v.$":"$.a"},"End":true}"#, input: #"{"a":1}"#))
        #expect(result.status == .succeeded && result.output == #"{"v":1}"# && result.nextState == nil)
        let data = result.inspection
        #expect(data.afterInputPath == #"{"a":1}"# && data.afterParameters == #"{"v":1}"#)
        #expect(data.afterResultSelector == #"{"v":1}"# && data.afterResultPath == #"{"v":1}"#)
        #expect(data.result == nil)
    }

    struct Stages: Sendable {
        let definition: String
        var context: String?
        var mock: StateTest.Mock?
        let shown: InspectionData
    }

    static let stages: [Stages] = [
        Stages(
            definition: #"{"Type":"Succeed"}"#,
            shown: InspectionData(input: "[1, 2]", afterInputPath: "[1, 2]")),
        Stages(
            definition: #"{"Type":"Fail","Error":"E"}"#,
            shown: InspectionData(input: "[1, 2]", afterInputPath: "[1, 2]")),
        Stages(
            definition:
                #"{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"End":true}"#,
            mock: .result("[ 5 ]"),
            shown: InspectionData(input: "[1, 2]", afterResultSelector: "[ 5 ]", afterResultPath: "[ 5 ]")),
        Stages(
            definition: #"{"Type":"Parallel","QueryLanguage":"JSONata","Arguments":{"a":1},"#
                + #""Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"End":true}"#,
            mock: .result("[5]"), shown: InspectionData(input: "[1, 2]")),
        Stages(
            definition: #"{"Type":"Map","ItemsPath":"$$.Execution.Input.values","End":true,"#
                + #""ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}}"#,
            context: #"{"Execution":{"Input":{"values":["a",{"b":1}]}}}"#, mock: .result("[5]"),
            shown: InspectionData(
                input: "[1, 2]", afterInputPath: "[1, 2]", afterResultSelector: "[5]", afterResultPath: "[5]",
                afterItemsPath: #"["a", {"b":1}]"#, maxConcurrency: 0)),
    ]

    @Test(arguments: stages) func showsTheStagesOfItsType(_ each: Stages) throws {
        var test = StateTest(definition: each.definition, input: "[1, 2]", mock: each.mock)
        test.context = each.context
        #expect(try run(test).inspection == each.shown)
    }

    @Test func stateHasNoNameOfItsOwn() throws {
        let machine =
            #"{"StartAt":"Own","States":{"Own":{"Type":"Pass","Parameters":{"n.$":"$$.State.Name"},"End":true}}}"#
        #expect(try run(StateTest(definition: machine, stateName: "Own")).output == #"{"n":"StateName"}"#)
    }

    @Test func mockedResultsGoThroughTheState() throws {
        let result = try run(StateTest(definition: Self.task, input: #"{"a":1}"#, mock: .result("5")))
        #expect(result.output == #"{"a":1,"r":5}"#)
        #expect(result.nextState == "Then")
        #expect(result.inspection.result == "5")
        #expect(result.inspection.afterParameters == #"{"FunctionName":"f"}"#)
    }

    @Test(arguments: [(0, "RETRIABLE", Optional<Int64>.some(2)), (2, "RETRIABLE", 8), (3, "FAILED", nil)])
    func mockedErrorsAreRetried(count: Int64, status: String, backoff: Int64?) throws {
        var test = StateTest(definition: Self.task, mock: .failure(error: "A", cause: "C"))
        test.retrierRetryCount = count
        let result = try run(test)
        #expect(result.status.rawValue == status)
        #expect(result.error == "A" && result.cause == "C")
        #expect(result.inspection.retryIndex == 0 && result.inspection.retryBackoffIntervalSeconds == backoff)
    }

    @Test func mockedErrorsAreCaught() throws {
        let result = try run(StateTest(definition: Self.task, mock: .failure(error: "B", cause: nil)))
        #expect(result.status == .caughtError)
        #expect(result.nextState == "Caught" && result.inspection.catchIndex == 0)
        #expect(result.output == #"{"Error":"B","Cause":null}"#)
    }

    @Test func causesStandAlone() throws {
        let result = try run(StateTest(definition: #"{"Type":"Wait","SecondsPath":"$.s","End":true}"#))
        #expect(result.status == .failed)
        #expect(result.cause == "The SecondsPath parameter does not reference an input value: $.s")
    }

    @Test func mapsTolerateMockedFailures() throws {
        let definition =
            #"{"Type":"Map","ToleratedFailureCount":1,"ItemProcessor":{"StartAt":"I","ProcessorConfig":"#
            + #"{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"States":{"I":{"Type":"Pass","End":true}}},"End":true}"#
        for (failures, status) in [(Int64(1), StateTestResult.Status.succeeded), (2, .failed)] {
            var test = StateTest(definition: definition, input: "[1,2,3]", mock: .result("[1,1,1]"))
            test.mapIterationFailureCount = failures
            let result = try run(test)
            #expect(result.status == status)
            #expect(result.inspection.toleratedFailureCount == 1 && result.inspection.maxConcurrency == 0)
            if status == .failed { #expect(result.error == "States.ExceedToleratedFailureThreshold") }
        }
    }

    @Test func contextAndVariablesAreGiven() throws {
        var test = StateTest(
            definition: #"{"QueryLanguage":"JSONata","Type":"Pass","Output":{"n":"{% $states.context.State.Name %}","#
                + #""v":"{% $x %}"},"End":true}"#)
        test.context = #"{"State":{"Name":"Given"}}"#
        test.variables = #"{"x":7}"#
        #expect(try run(test).output == #"{"n":"Given","v":7}"#)
    }

    @Test func oneStateOfAMachine() throws {
        let definition =
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"#
            + #""B":{"Type":"Pass","Result":2,"End":true}}}"#
        #expect(try run(StateTest(definition: definition, stateName: "B")).output == "2")
        #expect(try run(StateTest(definition: definition, stateName: "A")).nextState == "B")
        let missing = #expect(throws: WorkflowError.self) { try run(StateTest(definition: definition, stateName: "C")) }
        #expect(missing?.message == "State not found in definition")
    }

    static let refusals: [(definition: String, mock: StateTest.Mock?, message: String)] = [
        (
            #"{"Type":"Pass","End":true}"#, .result("1"),
            "State type 'Pass' is not supported when a mock is specified"
        ), (task, .result("{"), "Mocked result must be valid JSON"),
        (task, nil, "RoleArn must be specified when testing a Task state"),
        (
            #"{"Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}],"End":true}"#,
            .result("[1,2]"),
            "Mocked result must contain the same number of items as number of Parallel branches."
        ),
        (
            #"{"Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}],"End":true}"#,
            nil,
            "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, "
                + "Succeed, Fail, Choice]"
        ),
    ]

    @Test(arguments: refusals.indices) func refuses(index: Int) throws {
        let (definition, mock, message) = Self.refusals[index]
        let refused = #expect(throws: WorkflowError.self) { try run(StateTest(definition: definition, mock: mock)) }
        #expect(refused?.message == message)
    }
}
