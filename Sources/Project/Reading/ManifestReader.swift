import Core

/// Reads the members of one YAML mapping, collecting every mistake instead of stopping at the first.
struct ManifestReader {
    /// Shared by the readers of one file.
    final class Problems {
        let file: String
        var list: [ProjectProblem] = []

        init(file: String) { self.file = file }
    }

    let node: YAMLNode
    let path: String
    let problems: Problems
    private let members: [YAMLMember]

    init(_ node: YAMLNode, path: String = "", problems: Problems) {
        self.node = node
        self.path = path
        self.problems = problems
        if case .mapping(let members) = node.content {
            self.members = members
        } else {
            members = []
            problems.list.append(
                ProjectProblem(
                    file: problems.file, mark: node.mark, field: path, message: "names with values are expected here.",
                    mend: "Write 'Name: value' lines."))
        }
    }

    /// What is no mapping has been reported already.
    var isMapping: Bool { if case .mapping = node.content { true } else { false } }
    var names: [String] { members.map(\.key) }
    var entries: [YAMLMember] { members }

    /// Where the members' values stand.
    var marks: [String: SourceMark] { Dictionary(members.map { ($0.key, $0.value.mark) }) { first, _ in first } }

    func has(_ name: String) -> Bool { members.contains { $0.key == name } }

    func value(_ name: String) -> YAMLNode? { members.first { $0.key == name }?.value }

    func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func report(_ name: String, _ message: String, mend: String? = nil) {
        let mark = members.first { $0.key == name }?.value.mark ?? node.mark
        problems.list.append(
            ProjectProblem(file: problems.file, mark: mark, field: field(name), message: message, mend: mend))
    }

    // MARK: Names

    /// Reports every name that is not among the known ones, with the closest of them.
    func allow(_ known: [String]) {
        for member in members where !known.contains(member.key) {
            let close = known.min { distance($0, member.key) < distance($1, member.key) }
            let isClose = close.map { distance($0, member.key) <= max(2, $0.count / 3) } ?? false
            let mend = isClose ? "Did you mean '\(close!)'?" : "Known here: \(known.sorted().joined(separator: ", "))."
            problems.list.append(
                ProjectProblem(
                    file: problems.file, mark: member.keyMark, field: field(member.key),
                    message: "this property is not known.", mend: mend))
        }
    }

    private func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left.lowercased().utf8.prefix(64)), Array(right.lowercased().utf8.prefix(64)))
        var previous = Array(0...b.count)
        for (row, byte) in a.enumerated() {
            var current = [row + 1]
            for (column, other) in b.enumerated() {
                let replaced = previous[column] + (byte == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[b.count]
    }

    // MARK: Values

    func text(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        if case .scalar(let text, _) = value.content { return text }
        report(name, "one value is expected, not a list or a mapping.")
        return nil
    }

    func requiredText(_ name: String, example: String) -> String? {
        guard has(name) else {
            report(name, "is missing.", mend: "Add '\(name): \(example)'.")
            return nil
        }
        let text = text(name)
        if text?.isEmpty == true {
            report(name, "is empty.", mend: "Write '\(name): \(example)'.")
            return nil
        }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int>, unit: String) -> Int? {
        guard let value = value(name) else { return nil }
        if case .int(let number) = value.json, let number = Int(exactly: number), range.contains(number) {
            return number
        }
        report(
            name, "'\(shown(value))' does not fit.",
            mend: "Write a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound).")
        return nil
    }

    func boolean(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        if case .bool(let flag) = value.json { return flag }
        report(name, "'\(shown(value))' is neither true nor false.", mend: "Write 'true' or 'false'.")
        return nil
    }

    func choice(_ name: String, of allowed: [String]) -> String? {
        guard has(name), let text = text(name) else { return nil }
        if allowed.contains(text) { return text }
        report(name, "'\(text)' is not one of the possible values.", mend: "Write \(allowed.joined(separator: ", ")).")
        return nil
    }

    /// A list of texts; a single text stands for a list of one.
    func texts(_ name: String) -> [String] {
        guard let value = value(name) else { return [] }
        switch value.content {
        case .scalar(let text, _): return [text]
        case .sequence(let nodes):
            return nodes.compactMap { node in
                if case .scalar(let text, _) = node.content { return text }
                report(name, "the list holds something that is not plain text.")
                return nil
            }
        case .mapping:
            report(name, "a value or a list of values is expected.")
            return []
        }
    }

    /// Names with text values, such as environment variables and tags.
    func textMap(_ name: String) -> [(name: String, value: String)] {
        guard let reader = section(name) else { return [] }
        return reader.entries.compactMap { member in
            if case .scalar(let text, _) = member.value.content { return (member.key, text) }
            reader.report(member.key, "one value is expected, not a list or a mapping.")
            return nil
        }
    }

    func json(_ name: String) -> JSON? { value(name)?.json }

    /// JSON that may also be written as a text that holds JSON.
    func jsonText(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        guard case .scalar(let text, _) = value.content else { return value.json.text() }
        do throws(JSONParseError) {
            _ = try JSON(parsing: text)
            return text
        } catch {
            report(name, "this text is not JSON (\(error)).", mend: "Write JSON in single quotes, or YAML values.")
            return nil
        }
    }

    func section(_ name: String) -> ManifestReader? {
        value(name).map { ManifestReader($0, path: field(name), problems: problems) }
    }

    private func shown(_ node: YAMLNode) -> String {
        if case .scalar(let text, _) = node.content { return text }
        return node.json.text()
    }
}
