import Core
import EventPatterns

// Inputs begin with a byte that chooses: even for an event, odd for a pattern; the rest is its text.

private let machine: PatternMachine = {
    let texts = [
        #"{"a":[{"wildcard":"*x*y"}],"b":{"c":[1]}}"#,
        #"{"a":{"b":[{"prefix":"é"},{"exists":false}],"c":[{"anything-but":["q"]}]}}"#,
        #"{"a":[{"numeric":["<",5]}],"b":[{"cidr":"10.0.0.0/8"}]}"#,
        #"{"a.b":[{"suffix":{"equals-ignore-case":"Zz"}}],"c":{"d":[null]}}"#,
        #"{"c":{"d":[{"exists":true}],"e":[{"exists":false}]}}"#,
    ]
    var rules: [Int: EventPattern] = [:]
    for (id, text) in texts.enumerated() { rules[id] = try? EventPattern(parsing: text) }
    precondition(rules.count == texts.count)
    return PatternMachine(rules)
}()

private let sampleEvent = Array(#"{"a":[{"b":"éxy","c":5},{"b":[1,"10.0.0.1"]}],"c":{"d":null}}"#.utf8)

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let text = Array(input.dropFirst())
    if choice & 1 == 0 {
        let answers = (try? machine.rules(matching: text)) != nil
        let isObject = (try? JSON(parsing: text))?.objectValue != nil
        precondition(answers || !isObject, "a JSON object was refused")
    } else if let pattern = try? EventPattern(parsing: String(decoding: text, as: UTF8.self)) {
        _ = try? pattern.matches(sampleEvent)
    }
    return 0
}
