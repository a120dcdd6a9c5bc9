import AWSModels
import Core
import Testing
import Wire
@testable import millrace

/// Histories as pictures: states nested as they were passed, with their times, attempts and errors.
@Suite struct ExecutionPictureTests {
    /// One event a line: `id previous type [name] [@milliseconds] [!error]`.
    static func history(_ text: String) -> [StepFunctions.HistoryEvent] {
        text.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            let name = words.dropFirst(3).first { !$0.hasPrefix("@") && !$0.hasPrefix("!") }
            let time = words.first { $0.hasPrefix("@") }.flatMap { Int64($0.dropFirst()) } ?? 0
            let error = words.first { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
            return StepFunctions.HistoryEvent { event in
                event.id = Int(words[0]) ?? 0
                event.previousEventId = Int(words[1])
                event.type = StepFunctions.HistoryEventType(rawValue: words[2])
                event.timestamp = Timestamp(milliseconds: time)
                if words[2].hasSuffix("StateEntered") {
                    event.stateEnteredEventDetails = StepFunctions.StateEnteredEventDetails { $0.name = name ?? "" }
                } else if words[2].hasSuffix("StateExited") {
                    event.stateExitedEventDetails = StepFunctions.StateExitedEventDetails { $0.name = name ?? "" }
                } else if words[2] == "MapIterationStarted" {
                    event.mapIterationStartedEventDetails = StepFunctions.MapIterationEventDetails {
                        $0.index = name.flatMap { Int($0) }
                    }
                }
                guard let error else { return }
                if words[2] == "ExecutionFailed" {
                    event.executionFailedEventDetails = StepFunctions.ExecutionFailedEventDetails { $0.error = error }
                } else {
                    event.lambdaFunctionFailedEventDetails = StepFunctions.LambdaFunctionFailedEventDetails {
                        $0.error = error
                    }
                }
            }
        }
    }

    @Test(arguments: [
        (
            "states one after another",
            """
            1 0 ExecutionStarted
            2 0 PassStateEntered First @0
            3 2 PassStateExited First @5
            4 3 WaitStateEntered Rest @5
            5 4 WaitStateExited Rest @1505
            6 5 ExecutionSucceeded
            """,
            """
            STATE    TYPE    TIME
            ✔ First  Pass    5 ms
            ✔ Rest   Wait   1.5 s
            """
        ),
        (
            "a retried task",
            """
            1 0 ExecutionStarted
            2 0 TaskStateEntered Call @0
            3 2 LambdaFunctionScheduled
            4 3 LambdaFunctionStarted
            5 4 LambdaFunctionFailed !Boom
            6 5 LambdaFunctionScheduled
            7 6 LambdaFunctionStarted
            8 7 LambdaFunctionSucceeded
            9 8 TaskStateExited Call @20
            """,
            """
            STATE   TYPE   TIME
            ✔ Call  Task  20 ms  Boom (2 attempts)
            """
        ),
        (
            "a map inside",
            """
            1 0 ExecutionStarted
            2 0 MapStateEntered All @0
            3 2 MapStateStarted
            4 3 MapIterationStarted 0 @1
            5 4 PassStateEntered Each @1
            6 5 PassStateExited Each @2
            7 6 MapIterationSucceeded @3
            8 7 MapStateSucceeded
            9 8 MapStateExited All @4
            10 9 PassStateEntered After @4
            """,
            """
            STATE       TYPE  TIME
            ✔ All       Map   4 ms
              ✔ #0            2 ms
                ✔ Each  Pass  1 ms
            ▸ After     Pass
            """
        ),
        (
            "an end in failure",
            """
            1 0 ExecutionStarted
            2 0 FailStateEntered No @0
            3 2 ExecutionFailed !Refused
            """,
            """
            STATE  TYPE  TIME
            ✘ No   Fail        Refused
            """
        ),
    ])
    func `a history is drawn`(_ name: String, _ events: String, _ picture: String) {
        #expect(ExecutionPicture(Self.history(events)).text(Style(isTerminal: false)) == picture, "\(name)")
    }

    @Test func `events that make no sense draw nothing and break nothing`() {
        let odd = """
            7 9 TaskStateExited Nobody
            8 8 MapIterationSucceeded
            9 100 LambdaFunctionFailed !E
            10 9 PassStateAborted
            """
        #expect(ExecutionPicture(Self.history(odd)).rows.isEmpty)
        #expect(ExecutionPicture([]).text(Style(isTerminal: false)) == "STATE  TYPE  TIME")
    }
}
