import Core

extension FunctionResource {
    private static let properties = [
        "Description", "Runtime", "Handler", "CodeUri", "MemorySize", "Timeout", "Environment", "EphemeralStorage",
        "ReservedConcurrentExecutions", "ProvisionedConcurrencyConfig", "EventInvokeConfig", "DeadLetterQueue", "Tags",
        "Events", "Metadata",
    ]

    /// Reads one manifest; mistakes are added to the reader's problems.
    init?(name: String, directory: String, file: String, reader: ManifestReader) {
        reader.allow(Self.properties)
        guard let runtime = reader.requiredText("Runtime", example: "python3.12") else { return nil }
        let isCustom = runtime.hasPrefix("provided")
        let handler =
            isCustom && !reader.has("Handler")
            ? "bootstrap" : reader.requiredText("Handler", example: Self.exampleHandler(runtime))
        guard let handler else { return nil }
        self.init(
            name: name, file: file, codeDirectory: directory, runtime: runtime, handler: handler)
        marks = reader.marks
        description = reader.text("Description") ?? ""
        memorySize = reader.integer("MemorySize", in: 128...10_240, unit: "MB") ?? memorySize
        timeout = reader.integer("Timeout", in: 1...900, unit: "seconds") ?? timeout
        reservedConcurrency = reader.integer("ReservedConcurrentExecutions", in: 0...10_000, unit: "executions")
        readCode(reader)
        readEnvironment(reader)
        readInvocation(reader)
        tags = Dictionary(reader.textMap("Tags").map { ($0.name, $0.value) }) { $1 }
    }

    private static func exampleHandler(_ runtime: String) -> String {
        if runtime.hasPrefix("python") { return "app.handler" }
        if runtime.hasPrefix("node") { return "index.handler" }
        return "run.sh"
    }

    private mutating func readCode(_ reader: ManifestReader) {
        if let code = reader.text("CodeUri") {
            guard !code.hasPrefix("/"), !code.split(separator: "/").contains("..") else {
                return reader.report(
                    "CodeUri", "'\(code)' leads out of the function's folder.", mend: "Write a path inside it.")
            }
            codeDirectory += "/" + code
        }
        if let metadata = reader.section("Metadata") {
            metadata.allow(["BuildMethod"])
            buildMethod = metadata.choice("BuildMethod", of: ["makefile"])
        }
    }

    private mutating func readEnvironment(_ reader: ManifestReader) {
        if let section = reader.section("Environment") {
            section.allow(["Variables"])
            let variables = section.textMap("Variables")
            environment = Dictionary(variables.map { ($0.name, $0.value) }) { $1 }
            for (name, _) in variables where !Self.isEnvironmentName(name) {
                section.report(
                    "Variables", "'\(name)' cannot be the name of an environment variable.",
                    mend: "Use letters, digits and underscores, beginning with a letter.")
            }
        }
        if let storage = reader.section("EphemeralStorage") {
            storage.allow(["Size"])
            ephemeralStorage = storage.integer("Size", in: 512...10_240, unit: "MB") ?? ephemeralStorage
        }
    }

    private static func isEnvironmentName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first | 0x20 >= 0x61, first | 0x20 <= 0x7A else { return false }
        return name.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || (0x30...0x39) ~= $0 || $0 == 0x5F }
    }

    private mutating func readInvocation(_ reader: ManifestReader) {
        if let provisioned = reader.section("ProvisionedConcurrencyConfig") {
            provisioned.allow(["ProvisionedConcurrentExecutions"])
            provisionedConcurrency =
                provisioned.integer("ProvisionedConcurrentExecutions", in: 1...1000, unit: "executions") ?? 0
        }
        if let invoke = reader.section("EventInvokeConfig") {
            invoke.allow(["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"])
            maximumRetryAttempts =
                invoke.integer("MaximumRetryAttempts", in: 0...2, unit: "retries") ?? maximumRetryAttempts
            maximumEventAge =
                invoke.integer("MaximumEventAgeInSeconds", in: 60...21_600, unit: "seconds") ?? maximumEventAge
            if let destinations = invoke.section("DestinationConfig") {
                destinations.allow(["OnSuccess", "OnFailure"])
                onSuccess = destinations.section("OnSuccess").flatMap(EventDestination.init)
                onFailure = destinations.section("OnFailure").flatMap(EventDestination.init)
            }
        }
        if let queue = reader.section("DeadLetterQueue") {
            queue.allow(["Type", "TargetArn"])
            deadLetter = EventDestination(queue, named: "TargetArn", of: [.queue, .topic])
        }
    }
}

extension EventDestination {
    fileprivate init?(_ reader: ManifestReader) {
        reader.allow(["Type", "Destination"])
        self.init(reader, named: "Destination", of: Kind.allCases)
    }

    /// A name without a type is a queue's.
    fileprivate init?(_ reader: ManifestReader, named property: String, of kinds: [Kind]) {
        let kind = reader.choice("Type", of: kinds.map(\.rawValue)).flatMap(Kind.init)
        guard let name = reader.requiredText(property, example: "results") else { return nil }
        self.init(kind ?? .queue, name)
    }
}
