import Core
import Foundation

/// The cases beside the tests.
func caseFile(_ name: String) throws -> JSON {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")
    return try JSON(parsing: Array(Data(contentsOf: folder.appendingPathComponent(name))))
}

func timestamp(_ json: JSON?) -> Timestamp? { json?.stringValue.flatMap { Timestamp(rfc3339: $0) } }
