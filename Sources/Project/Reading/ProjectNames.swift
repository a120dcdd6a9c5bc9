import Core

/// The names that a project's files stand for, whether what is in them can be read or not: a mistake in one file is no
/// reason to find one in every other that names it.
struct ProjectNames {
    var functions: Set<String> = []
    var workflows: Set<String> = []

    init() {}

    init(directory: String) {
        functions = Set(
            Directory.entries("\(directory)/functions").filter {
                File.exists("\(directory)/functions/\($0)/function.yaml")
            })
        workflows = Set(Directory.entries("\(directory)/workflows").compactMap(Self.workflow(file:)))
    }

    /// The name of the workflow that a file of `workflows/` defines.
    static func workflow(file: String) -> String? {
        file.hasSuffix(".asl.json") || file.hasSuffix(".asl.yaml") ? String(file.dropLast(9)) : nil
    }

    /// What leads nowhere in the target of a trigger.
    func problem(of trigger: TriggerResource) -> ProjectProblem? {
        switch trigger.target {
        case .function(let name) where !functions.contains(name):
            return missing("function", name, functions, trigger.file, trigger.targetMark, "Target.Function")
        case .workflow(let name) where !workflows.contains(name):
            return missing("workflow", name, workflows, trigger.file, trigger.targetMark, "Target.Workflow")
        case .topic:
            guard case .topic = trigger.source else { return nil }
            return ProjectProblem(
                file: trigger.file, mark: trigger.targetMark, field: "Target.Topic",
                message: "a topic delivers to no other topic.",
                mend: "Name a function, a workflow, a queue or a Url.")
        default: return nil
        }
    }

    /// What leads nowhere in the destinations of a function.
    func problem(of function: FunctionResource) -> ProjectProblem? {
        for destination in [function.onSuccess, function.onFailure].compactMap(\.self)
        where destination.kind == .function && !destination.name.hasPrefix("arn:")
            && !functions.contains(destination.name)
        {
            return missing(
                "function", destination.name, functions, function.file, function.marks["EventInvokeConfig"],
                "EventInvokeConfig.DestinationConfig")
        }
        return nil
    }

    private func missing(
        _ kind: String, _ name: String, _ known: Set<String>, _ file: String, _ mark: SourceMark?, _ field: String
    ) -> ProjectProblem {
        let list = known.sorted().joined(separator: ", ")
        return ProjectProblem(
            file: file, mark: mark, field: field, message: "there is no \(kind) '\(name)'.",
            mend: list.isEmpty ? "Add \(kind)s/\(name)." : "There are: \(list).")
    }

    /// The placeholders of a workflow's text that stand for no function and no workflow, each where it is first named.
    func problems(ofPlaceholders unknown: [String], in text: String, file: String) -> [ProjectProblem] {
        Set(unknown).filter { $0.hasSuffix(".Arn") }.sorted().map { name in
            let known = (functions.sorted() + workflows.sorted()).map { "${\($0).Arn}" }.joined(separator: ", ")
            return ProjectProblem(
                file: file, mark: SourceMark(of: "${\(name)}", in: text),
                message: "there is no function or workflow '\(name.dropLast(4))'.",
                mend: known.isEmpty ? "Add functions/\(name.dropLast(4))." : "There are: \(known).")
        }
    }
}

extension SourceMark {
    /// Where a text first stands in another one.
    init?(of piece: String, in text: String) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let found = line.firstRange(of: piece) else { continue }
            self.init(line: index + 1, column: line[..<found.lowerBound].utf8.count + 1)
            return
        }
        return nil
    }
}
