import Core
import Foundation
import Testing

/// The project's own cases.
@Suite struct LanguageTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Cases/language.json"

    @Test func everyCaseHolds() throws {
        let file = try CaseFile(path: Self.path)
        #expect(!file.groups.isEmpty)
        for group in file.groups {
            for each in group.cases {
                guard let failure = each.failure() else { continue }
                Issue.record("\(each.id): \(each.source)\n    \(failure)")
            }
        }
    }
}
