import Core

/// What reading a project directory gave: the definition, or every mistake in it.
public struct ProjectReading: Sendable {
    public var definition: ProjectDefinition
    public var problems: [ProjectProblem]
}

/// Reads `functions/`, `workflows/` and `triggers/` of a project directory.
public struct ProjectReader {
    /// One file may not be larger than this, in bytes; a workflow's definition is at most 1 MB.
    private static let fileLimit = 4 << 20

    let directory: String
    let scope: Scope
    /// For `${NAME}` in secrets, so that they need not stand in the files.
    let environment: [String: String]
    private let names: ProjectNames

    public init(directory: String, scope: Scope, environment: [String: String]) {
        self.directory = directory
        self.scope = scope
        self.environment = environment
        names = ProjectNames(directory: directory)
    }

    public func read() -> ProjectReading {
        var reading = ProjectReading(definition: ProjectDefinition(), problems: [])
        guard Directory.exists(directory) else {
            reading.problems.append(
                ProjectProblem(
                    file: directory, message: "this directory does not exist.",
                    mend: "Name a directory that holds functions/, triggers/ or workflows/."))
            return reading
        }
        readFunctions(&reading)
        readWorkflows(&reading)
        readTriggers(&reading)
        checkNames(&reading)
        return reading
    }

    // MARK: Functions

    private func readFunctions(_ reading: inout ProjectReading) {
        for name in Directory.entries("\(directory)/functions") where Directory.exists("\(directory)/functions/\(name)")
        {
            let file = "functions/\(name)/function.yaml"
            guard File.exists("\(directory)/\(file)") else {
                let other = "functions/\(name)/function.yml"
                reading.problems.append(
                    ProjectProblem(
                        file: "functions/\(name)", message: "has no function.yaml.",
                        mend: File.exists("\(directory)/\(other)")
                            ? "Rename function.yml."
                            : "Add one with 'Runtime:' and 'Handler:', or run 'millrace new function \(name)'."))
                continue
            }
            guard checkName(name, kind: "function", limit: 64, file: file, &reading) else { continue }
            readManifest(file, &reading) { reader, reading in
                let code = "\(directory)/functions/\(name)"
                let function = FunctionResource(name: name, directory: code, file: file, reader: reader)
                if let function { reading.definition.functions.append(function) }
                readEvents(of: .function(name), prefix: name, file: file, reader, &reading)
            }
        }
    }

    private func readEvents(
        of target: TriggerTarget, prefix: String, file: String, _ reader: ManifestReader,
        _ reading: inout ProjectReading
    ) {
        guard let events = reader.section("Events") else { return }
        for member in events.entries {
            guard let section = events.section(member.key) else { continue }
            let trigger = TriggerResource(
                name: "\(prefix)-\(member.key)", file: file, target: target, reader: section)
            if let trigger { reading.definition.triggers.append(trigger) }
        }
    }

    // MARK: Workflows

    private func readWorkflows(_ reading: inout ProjectReading) {
        for entry in Directory.entries("\(directory)/workflows") {
            let file = "workflows/\(entry)"
            if entry.hasSuffix(".workflow.yaml") {
                let name = String(entry.dropLast(".workflow.yaml".count))
                if !["json", "yaml"].contains(where: { File.exists("\(directory)/workflows/\(name).asl.\($0)") }) {
                    reading.problems.append(
                        ProjectProblem(
                            file: file, message: "there is no definition beside it.",
                            mend: "Add workflows/\(name).asl.json."))
                }
            } else if let name = ProjectNames.workflow(file: entry) {
                readWorkflow(name: name, file: file, &reading)
            } else if [".json", ".yaml", ".yml"].contains(where: entry.hasSuffix) {
                reading.problems.append(
                    ProjectProblem(
                        file: file, message: "is not taken for a workflow because of its name.",
                        mend: "Name it <name>.asl.json or <name>.asl.yaml."))
            }
        }
    }

    private func readWorkflow(name: String, file: String, _ reading: inout ProjectReading) {
        guard checkName(name, kind: "workflow", limit: 80, file: file, &reading) else { return }
        if let other = reading.definition.workflows.first(where: { $0.name == name }) {
            return reading.problems.append(
                ProjectProblem(file: file, message: "\(other.file) defines the same workflow.", mend: "Remove one."))
        }
        guard let bytes = readFile(file, &reading) else { return }
        let source: String
        if file.hasSuffix(".yaml") {
            guard let node = parse(bytes, file: file, &reading) else { return }
            source = node.json.text(.pretty)
        } else {
            source = String(decoding: bytes, as: UTF8.self)
        }
        var unknown: [String] = []
        let definition = Substitution(scope: scope, names: names).apply(to: source, unknown: &unknown)
        reading.problems += names.problems(
            ofPlaceholders: unknown, in: String(decoding: bytes, as: UTF8.self), file: file)
        var workflow = WorkflowResource(name: name, file: file, definition: definition)
        let sidecar = "workflows/\(name).workflow.yaml"
        if File.exists("\(directory)/\(sidecar)") {
            readManifest(sidecar, &reading) { reader, reading in
                workflow.read(reader)
                readEvents(of: .workflow(name), prefix: name, file: sidecar, reader, &reading)
            }
        }
        reading.definition.workflows.append(workflow)
    }

    // MARK: Triggers

    private func readTriggers(_ reading: inout ProjectReading) {
        for entry in Directory.entries("\(directory)/triggers") {
            let file = "triggers/\(entry)"
            guard entry.hasSuffix(".yaml") else {
                if entry.hasSuffix(".yml") || entry.hasSuffix(".json") {
                    reading.problems.append(
                        ProjectProblem(
                            file: file, message: "is not taken for a trigger because of its name.",
                            mend: "Name it <name>.yaml."))
                }
                continue
            }
            let name = String(entry.dropLast(5))
            guard checkName(name, kind: "trigger", limit: 64, file: file, &reading) else { continue }
            readManifest(file, &reading) { reader, reading in
                if let trigger = TriggerResource(name: name, file: file, reader: reader) {
                    reading.definition.triggers.append(trigger)
                }
            }
        }
    }

    /// Names that lead nowhere, and names that are there twice.
    private func checkNames(_ reading: inout ProjectReading) {
        reading.problems += reading.definition.functions.compactMap(names.problem)
        reading.problems += reading.definition.triggers.compactMap(names.problem)
        var seen: [String: String] = [:]
        for trigger in reading.definition.triggers {
            guard let other = seen.updateValue(trigger.file, forKey: trigger.name) else { continue }
            reading.problems.append(
                ProjectProblem(
                    file: trigger.file, mark: trigger.mark,
                    message: "'\(trigger.name)' is the name of another trigger, of \(other).", mend: "Rename one."))
        }
    }

    // MARK: Files

    private func readManifest(
        _ file: String, _ reading: inout ProjectReading, _ body: (ManifestReader, inout ProjectReading) -> Void
    ) {
        guard let bytes = readFile(file, &reading), let node = parse(bytes, file: file, &reading) else { return }
        let problems = ManifestReader.Problems(file: file)
        body(ManifestReader(expand(node, problems), problems: problems), &reading)
        reading.problems += problems.list
    }

    private func readFile(_ file: String, _ reading: inout ProjectReading) -> [UInt8]? {
        do throws(FileError) {
            return try File.read("\(directory)/\(file)", limit: Self.fileLimit)
        } catch {
            reading.problems.append(ProjectProblem(file: file, message: "\(error.reason)."))
            return nil
        }
    }

    private func parse(_ bytes: [UInt8], file: String, _ reading: inout ProjectReading) -> YAMLNode? {
        do throws(YAMLParseError) {
            return try YAMLParser.parse(bytes)
        } catch {
            reading.problems.append(ProjectProblem(file: file, mark: error.mark, message: "\(error.reason)."))
            return nil
        }
    }

    /// Replaces `${NAME}` in scalars by the environment's value; a name that is not set is a mistake.
    private func expand(_ node: YAMLNode, _ problems: ManifestReader.Problems) -> YAMLNode {
        switch node.content {
        case .scalar(let text, let isQuoted):
            guard text.utf8.contains(UInt8(ascii: "$")) else { return node }
            var unknown: [String] = []
            let expanded = Substitution(scope: scope, variables: environment, names: names).apply(
                to: text, unknown: &unknown)
            for name in unknown {
                problems.list.append(
                    ProjectProblem(
                        file: problems.file, mark: node.mark, message: "there is no variable '\(name)'.",
                        mend: "Set it where 'millrace up' is started, or write '${!\(name)}' for the text itself."))
            }
            return YAMLNode(.scalar(expanded, isQuoted: isQuoted || expanded != text), mark: node.mark)
        case .sequence(let nodes): return YAMLNode(.sequence(nodes.map { expand($0, problems) }), mark: node.mark)
        case .mapping(let members):
            let expanded = members.map {
                YAMLMember(key: $0.key, keyMark: $0.keyMark, value: expand($0.value, problems))
            }
            return YAMLNode(.mapping(expanded), mark: node.mark)
        }
    }

    private func checkName(
        _ name: String, kind: String, limit: Int, file: String, _ reading: inout ProjectReading
    ) -> Bool {
        let isPlain = name.utf8.allSatisfy {
            ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || (0x30...0x39) ~= $0 || $0 == 0x2D || $0 == 0x5F
        }
        if isPlain, !name.isEmpty, name.utf8.count <= limit { return true }
        reading.problems.append(
            ProjectProblem(
                file: file, message: "'\(name)' cannot be the name of a \(kind).",
                mend: "Use at most \(limit) letters, digits, '-' and '_'."))
        return false
    }
}

extension WorkflowResource {
    mutating func read(_ reader: ManifestReader) {
        reader.allow(["Type", "Logging", "Tags", "Events"])
        isExpress = reader.choice("Type", of: ["STANDARD", "EXPRESS"]) == "EXPRESS"
        tags = Dictionary(reader.textMap("Tags").map { ($0.name, $0.value) }) { $1 }
        if let logging = reader.section("Logging") {
            logging.allow(["Level", "IncludeExecutionData"])
            logLevel = logging.choice("Level", of: ["ALL", "ERROR", "FATAL", "OFF"]) ?? logLevel
            logsExecutionData = logging.boolean("IncludeExecutionData") ?? false
        }
    }
}
