// Events a second from JSON text to the numbers of the matching rules, on one core, by kind and number of rules.
// Measured in processor time of the one thread, so that other work on the machine disturbs less; the best of three.
//
//   EventPatternsBenchmark [events] [kind …]

import Core
import EventPatterns

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

let arguments = CommandLine.arguments.dropFirst()
let eventCount = arguments.first.flatMap { Int($0) } ?? 200_000
let wantedKinds = Set(arguments.dropFirst())
let sizes = [5, 1_000, 100_000]

/// Processor time of this thread.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
}

func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

func residentMegabytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(
        separator: " ")
    return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
}

func matchAll(_ events: ParcelEvents, _ machine: PatternMachine) -> Int {
    var matches = 0
    events.forEach { event in
        do {
            try machine.forEachRule(matching: event) { _ in matches += 1 }
        } catch {
            fatalError("event not read: \(error)")
        }
    }
    return matches
}

func run(_ set: RuleSet, _ events: ParcelEvents) throws {
    var rates: [Double] = []
    for size in sizes {
        let patterns = try set.patterns(size)
        var machine = PatternMachine()
        let build = seconds { machine = PatternMachine(patterns) }
        var matches = 0
        let best = (0..<3).map { _ in seconds { matches = matchAll(events, machine) } }.min() ?? 1
        rates.append(Double(events.ends.count) / best)
        print(
            padded(set.name, 24), padded("\(size)", 8), padded("\(Int(Double(events.ends.count) / best))", 12),
            padded("\(matches)", 12), padded("\(Int(build * 1000))", 9), padded("\(machine.byteCount / 1024)", 10),
            padded("\(residentMegabytes())", 8))
    }
    print(padded("", 24), "  slowest to fastest: 1 to \((rates.max()! / rates.min()! * 100).rounded() / 100)")
}

print(
    padded("kind", 24), padded("rules", 8), padded("events/s", 12), padded("matches", 12), padded("build ms", 9),
    padded("tables KB", 10), padded("RSS MB", 8))
for points in [ParcelEvents.Points.arrays, .objects] {
    let sets = RuleSet.all.filter { $0.points == points && (wantedKinds.isEmpty || wantedKinds.contains($0.name)) }
    guard !sets.isEmpty else { continue }
    let events = ParcelEvents(count: eventCount, points: points)
    print("\(events.ends.count) events of \(events.averageSize) bytes")
    for set in sets { try run(set, events) }
}
