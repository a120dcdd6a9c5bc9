import Core
import HostTesting
import Project
import Storage
import Testing

@testable import millrace

@Suite struct ProjectChecksTests {
    static let files = [
        "functions/a/function.yaml": "Runtime: java21\nHandler: a\n",
        "functions/b/function.yaml": "Runtime: exec\nHandler: gone.sh\n",
        "functions/c/function.yaml": "Runtime: exec\nHandler: run.sh\nTimeout: 9000\n",
        "functions/c/run.sh": "#!/bin/sh\n",
        "functions/d/function.yaml": "Runtime: exec\nHandler: run.sh\n",
        "functions/d/run.sh": "#!/opt/nowhere/perl -w\n",
        "triggers/t.yaml":
            "Type: ScheduleV2\nProperties: {ScheduleExpression: rate(0 minutes), ScheduleExpressionTimezone: Moon/Base}\n"
            + "Target: {Function: a}\n",
        "workflows/w.asl.json": #"{"StartAt":"A","States":{"A":{"Type":"Pas"}}}"#,
    ]

    /// What cannot be read keeps nobody from being told what else is wrong, and each thing is said once.
    @Test func `all mistakes are told at once`() async throws {
        let (data, directory) = (try TemporaryDirectory("data"), try TemporaryDirectory("project"))
        for (name, text) in Self.files {
            let path = "\(directory.path)/\(name)"
            try Directory.create(String(path[..<path.lastIndex(of: "/")!]))
            try File.write(Array(text.utf8), to: path, permissions: text.hasPrefix("#!") ? 0o755 : 0o644)
        }
        let host = try await MillraceHost(HostSettings(dataDirectory: data.path), clock: VirtualClock())
        let said = try await ProjectService(host).read(directory.path).problems.map(\.description)
        let expected = [
            "functions/a/function.yaml:1:10: Runtime: \"java21\" is a Lambda runtime that this host does not run: ",
            "functions/b/function.yaml:2:10: Handler: \"gone.sh\" is not a file in ",
            "functions/c/function.yaml:3:10: Timeout: '9000' does not fit. ",
            "functions/d/function.yaml:2:10: Handler: \(directory.path)/functions/d/run.sh is run by /opt/nowhere/perl, "
                + "which is not installed on this machine",
            "triggers/t.yaml:2:34: Properties.ScheduleExpression: ",
            "triggers/t.yaml:2:79: Properties.ScheduleExpressionTimezone: there is no time zone 'Moon/Base'. ",
            "workflows/w.asl.json:1:31: /States/A/Type: ",
        ]
        #expect(said.count == expected.count && zip(said, expected).allSatisfy { $0.hasPrefix($1) }, "\(said)")
        await host.database.close()
    }
}
