// How fast functions are called, against what the machine gives. Every row is a ratio of two figures taken in turns, in
// one run, because absolute figures on shared machines tell little.
//
//   FunctionsBenchmark              on all cores
//   taskset -c 0 FunctionsBenchmark on one
//
// WITHOUT_CONTROL_GROUPS=1 leaves functions unconfined.
import Core
import Functions
import Glibc
import NIOCore
import NIOPosix

let rounds = 7
let executable = CommandLine.arguments[0]
let directory = executable.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
let poller = "\(directory.isEmpty ? "." : directory)/FunctionsBenchmarkPoller"

guard access(poller, X_OK) == 0 else {
    print("\(poller) is missing: swift build -c release --product FunctionsBenchmarkPoller")
    exit(1)
}

let bench = try BenchmarkHost(poller: poller)
print("host ready after \(bench.startMilliseconds) ms")
var report = Report()

var invokes: [Double] = []
var roundTrips: [Double] = []
await bench.warmUp()
for _ in 0..<rounds {
    roundTrips.append(try TCPBound.twoRoundTripsPerSecond(poller: poller, count: 4000))
    invokes.append(await bench.warmInvokesPerSecond(count: 4000))
}
report.add("warm invoke, one instance", invokes, against: "two TCP round trips", roundTrips, goal: 0.4)

for concurrency in [1, 2, 8] {
    var spawns: [Double] = []
    var functions: [Double] = []
    for _ in 0..<rounds {
        spawns.append(SpawnBound.perSecond(poller: poller, count: 400, concurrency: concurrency))
        functions.append(await bench.execInvokesPerSecond(count: 400, concurrency: concurrency))
    }
    report.add("exec function, \(concurrency) at once", functions, against: "posix_spawn", spawns, goal: 0.8)
}

await bench.end()
report.print()
