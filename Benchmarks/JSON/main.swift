// Measures parsing and writing JSON on documents of three sizes, beside Foundation's in the same run.

import Core
import Foundation

/// Megabytes a second in the fastest of several runs, which is the one that others disturbed least.
func speed(of bytes: Int, runs: Int = 9, _ body: () throws -> Void) rethrows -> Double {
    let repeats = max(1, 4_000_000 / bytes)
    var best = Double.infinity
    for _ in 0..<runs {
        let start = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<repeats { try body() }
        best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) / Double(repeats))
    }
    return Double(bytes) / best * 1000
}

/// Megabytes a second of making values, which are let go outside of the time.
func speed<Value>(ofMaking bytes: Int, runs: Int = 9, _ make: () throws -> Value) rethrows -> Double {
    // Few enough to stay in the processor's cache, as far as one does.
    let count = max(1, 262_144 / bytes)
    var values: [Value] = []
    values.reserveCapacity(count)
    var best = Double.infinity
    for _ in 0..<runs * max(1, 4_000_000 / bytes / count) {
        let start = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<count { values.append(try make()) }
        best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) / Double(count))
        values.removeAll(keepingCapacity: true)
    }
    return Double(bytes) / best * 1000
}

/// One record of an S3 notification, of 700 bytes.
func record(_ number: Int) -> String {
    """
    {"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2026-01-05T10:00:00.123Z",\
    "eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:AIDAJDPLRKLG7UEXAMPLE"},\
    "requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-request-id":"C3D13FE58DE4C810",\
    "x-amz-id-2":"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},"s3":{"s3SchemaVersion":"1.0",\
    "configurationId":"notification","bucket":{"name":"data","ownerIdentity":{"principalId":"A3NL1KOZZKExample"},\
    "arn":"arn:aws:s3:::data"},"object":{"key":"in/\(number).csv","size":\(number * 37),"score":\(number).25,\
    "eTag":"d41d8cd98f00b204e9800998ecf8427e","versionId":null,"sequencer":"0055AED6DCD90281E5","deleted":false}}}
    """
}

func document(_ records: Int) -> [UInt8] {
    Array("{\"Records\":[\((0..<records).map(record).joined(separator: ","))]}".utf8)
}

func column(_ value: Double) -> String {
    let text = String(Int(value.rounded()))
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
}

print("MB/s (goal 200)        parse  let go too     write   Foundation: parse     write   ratio")
for (name, records) in [("one event ", 1), ("60 KB page", 80), ("5 MB file ", 6700)] {
    let bytes = document(records)
    let value = try JSON(parsing: bytes)
    precondition(value.bytes() == bytes)
    let data = Data(bytes)
    let object = try JSONSerialization.jsonObject(with: data)
    let parse = try speed(ofMaking: bytes.count) { try JSON(parsing: bytes) }
    let whole = try speed(of: bytes.count) { _ = try JSON(parsing: bytes) }
    let write = speed(of: bytes.count) { _ = value.bytes() }
    let otherParse = try speed(of: bytes.count, runs: 3) { _ = try JSONSerialization.jsonObject(with: data) }
    let otherWrite = try speed(of: bytes.count, runs: 3) { _ = try JSONSerialization.data(withJSONObject: object) }
    print(
        "\(name)       \(column(parse))\(column(whole))  \(column(write))        \(column(otherParse))\(column(otherWrite))"
            + "   \(Int((whole / otherParse).rounded())) and \(Int((write / otherWrite).rounded())) times")
}
