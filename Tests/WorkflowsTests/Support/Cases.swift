import Core
import Foundation

/// Reads the case files beside the tests.
enum Cases {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Cases")

    static func load(_ name: String) throws -> [JSON] {
        let data = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
        return try JSON(parsing: [UInt8](data)).arrayValue ?? []
    }
}
