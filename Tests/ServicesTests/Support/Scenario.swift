import Core
import Foundation
import Testing

/// Calls of a service and the answers to them, one after another; from a file in `Cases`.
struct Scenario: Sendable, CustomTestStringConvertible {
    var name: String
    var steps: [JSON]
    var testDescription: String { name }

    /// None when the file is missing or no list: each suite expects a number of them.
    static func read(_ file: String) -> [Scenario] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Cases/\(file)")
        guard let data = try? Data(contentsOf: path), let cases = try? JSON(parsing: [UInt8](data)).arrayValue else {
            return []
        }
        return cases.map { Scenario(name: $0["name"]?.stringValue ?? "", steps: $0["steps"]?.arrayValue ?? []) }
    }
}
