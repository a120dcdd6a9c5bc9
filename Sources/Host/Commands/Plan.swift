import ArgumentParser
import Core
import Glibc

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a project directory would create, change and delete on the running host.")

    @Argument(help: "The project directory.", completion: .directory)
    var directory = "."

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        guard let path = realpath(directory, nil) else {
            throw CommandFailure("\(directory): \(String(cString: strerror(errno)))", exitCode: .notFound)
        }
        defer { free(path) }
        let (absolute, output) = (String(cString: path), connection.output)
        let answer = try await connection.withClient {
            try await $0.admin("POST", "plan", ["directory": .string(absolute)])
        }
        if output.json { output.write(answer) }
        let problems = (answer["problems"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard problems.isEmpty else {
            throw CommandFailure(
                "the project has mistakes:\n  " + problems.joined(separator: "\n  "), exitCode: .invalidProject)
        }
        guard !output.json else { return }
        for warning in (answer["warnings"]?.arrayValue ?? []).compactMap(\.stringValue) {
            output.note("\(output.noteStyle.yellow("warning:")) \(warning)")
        }
        let changes = answer["changes"]?.arrayValue ?? []
        guard !changes.isEmpty else { return output.write("Nothing changes.") }
        for change in changes { output.write(Self.line(change, output.style)) }
    }

    static func line(_ change: JSON, _ style: Style) -> String {
        let text = "\(change["kind"]?.stringValue ?? "") \(change["name"]?.stringValue ?? "")"
        let detail = change["detail"]?.stringValue.map { style.dim("  \($0)") } ?? ""
        switch change["action"]?.stringValue {
        case "create": return style.green("+ \(text)") + detail
        case "delete": return style.red("- \(text)") + detail
        default: return style.yellow("~ \(text)") + detail
        }
    }
}
