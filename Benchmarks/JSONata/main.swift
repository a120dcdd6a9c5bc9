// Measures the expressions of a file: how long one evaluation takes, and what it yields.
//
//     JSONataBenchmark EXPRESSIONS.json INPUTS.json NAME SECONDS
//
// Prints one JSON object: {"nanoseconds": …, "result": …}. See compare.mjs, which runs the reference beside it.

import Core
import JSONata

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct Usage: Error {}

func read(_ path: String) throws -> JSON {
    guard let file = fopen(path, "r") else { throw Usage() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { break }
        bytes += buffer[..<count]
    }
    return try bytes.withUnsafeBytes { try JSON(parsing: $0) }
}

func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func measure(_ evaluate: () throws -> JSONataResult, seconds: Double) throws -> (Int64, JSONataResult) {
    let result = try evaluate()
    let end = nanoseconds() + Int64(seconds * 1e9)
    var best = Int64.max
    var batch = 1
    repeat {
        let start = nanoseconds()
        for _ in 0..<batch { _ = try evaluate() }
        let taken = nanoseconds() - start
        best = min(best, taken / Int64(batch))
        // Batches of about a millisecond, so that reading the clock does not count.
        if taken < 1_000_000 { batch *= 2 }
    } while nanoseconds() < end
    return (best, result)
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let seconds = Double(arguments[4]) else { throw Usage() }
let expressions = try read(arguments[1])
let inputs = try read(arguments[2])
guard let chosen = expressions.arrayValue?.first(where: { $0["name"]?.stringValue == arguments[3] }),
    let source = chosen["expression"]?.stringValue
else { throw Usage() }
let expression = try JSONataExpression(source)
let input = inputs[chosen["input"]?.stringValue ?? "large"]
let bindings = Dictionary((chosen["bindings"]?.objectValue ?? JSONObject()).map { ($0, $1) }) { $1 }
let environment = JSONataEnvironment(now: Timestamp(milliseconds: 0), seed: 1)
let (best, result) = try measure(
    { try expression.evaluate(input, bindings: bindings, environment: environment) }, seconds: seconds)
print(JSON.object(["nanoseconds": .int(best), "result": result.json ?? .null]).text())
