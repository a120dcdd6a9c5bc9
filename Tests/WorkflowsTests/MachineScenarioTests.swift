import Core
import StatesLanguage
import Testing

@testable import Workflows

/// One run of a state machine, from a case file.
struct MachineScenario: CustomTestStringConvertible, Sendable {
    let name: String
    let definition: String
    let input: String
    let answers: JSON
    let expected: JSON

    init(_ json: JSON) {
        name = json["name"]?.stringValue ?? "?"
        definition = json["definition"]?.text() ?? ""
        input = json["input"]?.text() ?? "{}"
        answers = json["tasks"] ?? [:]
        expected = json["expected"] ?? [:]
    }

    var testDescription: String { name }

    func driver() throws -> MachineDriver {
        let machine = WorkflowMachine(try StateMachineDefinition(compiling: definition))
        var scripted: [String: [MachineDriver.Answer]] = [:]
        for (state, list) in answers.objectValue ?? [:] {
            scripted[state] = (list.arrayValue ?? []).map { MachineDriver.Answer($0) }
        }
        return try MachineDriver(machine, input: input, answers: scripted)
    }

    static let all = ((try? Cases.load("machine")) ?? []).map { MachineScenario($0) }
}

@Suite struct MachineScenarioTests {
    @Test func casesAreThere() { #expect(MachineScenario.all.count > 40) }

    @Test(arguments: MachineScenario.all) func scenario(_ scenario: MachineScenario) throws {
        var driver = try scenario.driver()
        driver.run()
        let expected = scenario.expected
        #expect(driver.state.status.rawValue == expected["status"]?.stringValue)
        if let output = expected["output"] { #expect(driver.state.result?.output?.json == output) }
        if let error = expected["error"] {
            #expect(driver.state.result?.failure.error == error.stringValue)
        }
        if let cause = expected["cause"] {
            #expect(driver.state.result?.failure.cause == cause.stringValue)
        }
        if let history = expected["history"]?.arrayValue {
            let lines = driver.events.map(\.line)
            #expect(lines == history.compactMap(\.stringValue), "\(lines.map { "\"\($0)\"" }.joined(separator: ",\n"))")
        }
        if let seconds = expected["seconds"]?.intValue {
            #expect(driver.now.milliseconds(since: driver.state.identity.startedAt) == seconds * 1000)
        }
        if let transitions = expected["transitions"]?.intValue { #expect(driver.state.transitions == transitions) }
        if let parameters = expected["parameters"]?.arrayValue {
            #expect(driver.invocations.map(\.parameters) == parameters)
        }
    }

    /// Ids are dense and rising, causes lie before their effects, and replaying the signals gives the same execution.
    @Test(arguments: MachineScenario.all) func historyIsSoundAndReplays(_ scenario: MachineScenario) throws {
        var driver = try scenario.driver()
        driver.run()
        for (index, event) in driver.events.enumerated() {
            #expect(event.id == Int64(index + 1))
            #expect(event.previousID >= 0 && event.previousID < event.id)
        }
        #expect(try HistoryEvent.decode(HistoryEvent.encode(driver.events)) == driver.events)
        #expect(try Signal.decode(Signal.encode(driver.signals)) == driver.signals)

        var state = ExecutionState(driver.state.identity)
        var events: [HistoryEvent] = []
        for signal in driver.signals { events += driver.machine.apply(signal, to: &state).events }
        #expect(events == driver.events)
        #expect(state.result == driver.state.result)
        #expect(state.nextEventID == driver.state.nextEventID)
    }
}
