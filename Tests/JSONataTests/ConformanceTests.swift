import Core
import Foundation
import Testing

/// The public suite, where it is at hand.
@Suite struct ConformanceTests {
    /// Cases that do not hold here, each with the reason.
    private static let exceptions: [String: String] = [:]

    private static let path: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["MILLRACE_CONFORMANCE"] ?? root.path + "/../shared/conformance"
        return folder + "/jsonata-cases.json"
    }()

    private static let isPresent = FileManager.default.fileExists(atPath: path)

    @Test(.enabled(if: isPresent, "jsonata-cases.json is not beside the project"))
    func everyCaseOfThePublicSuiteHolds() throws {
        let file = try CaseFile(path: Self.path)
        var count = 0
        for group in file.groups {
            for each in group.cases {
                count += 1
                guard let failure = each.failure() else { continue }
                if Self.exceptions[each.id] != nil { continue }
                Issue.record("\(each.id): \(each.source)\n    \(failure)")
            }
        }
        #expect(count > 0)
    }
}
