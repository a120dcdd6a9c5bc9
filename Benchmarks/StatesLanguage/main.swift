import Core
import StatesLanguage

#if canImport(Glibc)
    import Glibc
#endif

/// Seconds that the fastest of several runs took; the fastest is the one that others disturbed least.
func seconds(runs: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<runs {
        var start = timespec()
        var end = timespec()
        clock_gettime(CLOCK_MONOTONIC, &start)
        try body()
        clock_gettime(CLOCK_MONOTONIC, &end)
        best = min(best, Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) / 1e9)
    }
    return best
}

func report(_ name: String, _ value: Double, _ unit: String, goal: String = "") {
    let rounded = value < 10 ? (value * 100).rounded() / 100 : value.rounded()
    print("\(name): \(rounded) \(unit)\(goal.isEmpty ? "" : " (goal \(goal))")")
}

/// A definition of about the largest size that is allowed, with a mix of all that costs time to compile.
func largeDefinition() -> String {
    var states = ""
    var count = 0
    while states.utf8.count < 1_040_000 {
        let next = count + 1
        let group =
            switch count % 4 {
            case 0:
                #""S\#(count)":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"fn","Payload":{"id.$":"$.order.id","lines.$":"$.order.lines[?(@.price > 10)].sku","text.$":"States.Format('Order {} of {}', $.order.id, $$.Execution.Name)"}},"ResultSelector":{"status.$":"$.Payload.status"},"ResultPath":"$.task\#(count)","Retry":[{"ErrorEquals":["Lambda.ServiceException","Lambda.SdkClientException"],"IntervalSeconds":2,"MaxAttempts":6,"BackoffRate":2}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"End","ResultPath":"$.error"}],"Next":"S\#(next)"},"#
            case 1:
                #""S\#(count)":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.order.total","NumericGreaterThan":100},{"Variable":"$.order.country","StringEquals":"DE"}],"Next":"S\#(next)"},{"Variable":"$.order.kind","StringMatches":"gift-*","Next":"End"}],"Default":"S\#(next)"},"#
            case 2:
                #""S\#(count)":{"Type":"Pass","Parameters":{"a.$":"$.order.id","b":{"c":[1,2,3,"text"],"d.$":"$$.State.Name"}},"ResultPath":"$.pass","Next":"S\#(next)"},"#
            default:
                #""S\#(count)":{"Type":"Map","ItemsPath":"$.order.lines","MaxConcurrency":10,"ItemProcessor":{"StartAt":"M\#(count)","States":{"M\#(count)":{"Type":"Pass","Result":{"done":true},"End":true}}},"ResultPath":"$.mapped","Next":"S\#(next)"},"#
            }
        states += group
        count += 1
    }
    return #"{"StartAt":"S0","States":{\#(states)"S\#(count)":{"Type":"Pass","Next":"End"},"End":{"Type":"Succeed"}}}"#
}

/// Pass and Choice states as an express workflow runs them, without the engine around.
func transitions(_ definition: StateMachineDefinition, input: JSON, count: Int) throws -> JSON {
    var value = input
    var index = definition.graph.startAt
    var scope = EvaluationScope(input: value, now: Timestamp(milliseconds: 0), random: SeededRandom(seed: 1))
    for _ in 0..<count {
        let state = definition.graph[index]
        scope.input = value
        scope.input = try scope.filter(state.inputPath)
        switch state.kind {
        case .pass(let pass):
            var result = scope.input
            if let parameters = pass.parameters { result = try scope.evaluate(parameters) }
            value = try pass.resultPath.apply(pass.result ?? result, to: scope.input)
            if case .next(let next) = state.transition { index = next }
        case .choice(let choice):
            switch try scope.choose(choice) {
            case .rule(let rule): index = choice.rules[rule].next
            case .defaultNext(let next): index = next
            }
        default: return value
        }
        scope.input = value
        value = try scope.filter(state.outputPath)
    }
    return value
}

let text = largeDefinition()
let bytes = Array(text.utf8)
let parsing = seconds { _ = try? JSON(parsing: bytes) }
let compiling = seconds {
    guard StateMachineDefinition.compile(text).isValid else { fatalError("the large definition does not compile") }
}
print("definition of \(bytes.count) bytes")
report("  parse as JSON", parsing * 1000, "ms")
report("  parse and compile", compiling * 1000, "ms", goal: "under 50")
report("  of the time of parsing alone", compiling / parsing, "times")

let loop = try StateMachineDefinition(
    compiling: """
        {"StartAt":"Count","States":{"Count":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)","limit.$":"$.limit",\
        "order.$":"$.order"},"Next":"Check"},"Check":{"Type":"Choice","Choices":[{"Variable":"$.order.kind","StringEquals":"x",\
        "Next":"Done"},{"Variable":"$.n","NumericLessThanPath":"$.limit","Next":"Note"}],"Default":"Done"},"Note":{"Type":"Pass",\
        "Result":{"seen":true},"ResultPath":"$.order.note","Next":"Count"},"Done":{"Type":"Succeed"}}}
        """)
let input: JSON = ["n": 0, "limit": 1_000_000_000, "order": ["kind": "gift", "lines": [1, 2, 3]]]
let steps = 300_000
let time = try seconds { _ = try transitions(loop, input: input, count: steps) }
print("pass and choice states, evaluation only")
report("  transitions", Double(steps) / time, "a second", goal: "over 100000 with the engine around")

let document: JSON = ["a": ["b": ["c": 1]], "l": .array((0..<100).map { ["k": .int($0)] })]
print("JSONPath, selections a second")
for path in ["$", "$.a.b.c", "$.l[99].k", "$.l[*].k", "$.l[?(@.k > 50)]"] {
    let compiled = try JSONPath(parsing: path)
    let rounds = compiled.isDefinite ? 1_000_000 : 10_000
    let time = try seconds { for _ in 0..<rounds { _ = try compiled.value(in: document) } }
    report("  \(path)", Double(rounds) / time, "a second")
}
