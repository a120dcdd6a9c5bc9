import Core
import Project

/// The items of a definition, with those that its triggers imply: buckets, queues and topics.
struct ProjectItems {
    let definition: ProjectDefinition
    /// Fingerprints of the functions' code, by name.
    let code: [String: String]

    var all: [ProjectItem] {
        var items: [ProjectItem] = []
        for name in buckets {
            items.append(ProjectItem(kind: .bucket, name: name, fingerprint: "", detail: "a directory"))
        }
        for name in queues { items.append(ProjectItem(kind: .queue, name: name, fingerprint: "", detail: "")) }
        for name in topics { items.append(ProjectItem(kind: .topic, name: name, fingerprint: "", detail: "")) }
        items += definition.functions.map { function in
            ProjectItem(
                kind: .function, name: function.name,
                fingerprint: Self.fingerprint(function) + (code[function.name] ?? ""),
                detail: "\(function.runtime), \(function.memorySize) MB, \(function.timeout) s")
        }
        items += definition.workflows.map { workflow in
            ProjectItem(
                kind: .workflow, name: workflow.name, fingerprint: Self.fingerprint(workflow),
                detail: workflow.isExpress ? "express" : "standard")
        }
        items += definition.triggers.map { trigger in
            ProjectItem(
                kind: .trigger, name: trigger.name, fingerprint: Self.fingerprint((trigger.source, trigger.target)),
                detail: "\(trigger.source.kind) → \(trigger.target.text)")
        }
        return items
    }

    var buckets: [String] {
        Self.unique(
            definition.triggers.compactMap { if case .bucket(let trigger) = $0.source { trigger.bucket } else { nil } })
    }

    var queues: [String] {
        var names = definition.triggers.compactMap { trigger -> String? in
            if case .queue(let source) = trigger.source { return source.queue }
            if case .queue(let name) = trigger.target { return name }
            return nil
        }
        names += destinations(.queue)
        return Self.unique(names.filter { !$0.hasPrefix("arn:") })
    }

    var topics: [String] {
        let names = definition.triggers.compactMap { trigger -> String? in
            if case .topic(let source) = trigger.source { return source.topic }
            if case .topic(let name) = trigger.target { return name }
            return nil
        }
        return Self.unique((names + destinations(.topic)).filter { !$0.hasPrefix("arn:") })
    }

    private func destinations(_ kind: EventDestination.Kind) -> [String] {
        definition.functions.flatMap { [$0.deadLetter, $0.onSuccess, $0.onFailure] }.compactMap { destination in
            destination?.kind == kind ? destination?.name : nil
        }
    }

    private static func unique(_ names: [String]) -> [String] { Array(Set(names)).sorted() }

    /// A digest of everything that a value holds, the same in every run: dictionaries are put in order.
    static func fingerprint(_ value: Any) -> String {
        var text = ""
        describe(value, into: &text)
        return hexadecimal(Digest.sha256(Array(text.utf8)))
    }

    private static func describe(_ value: Any, into text: inout String) {
        if let dictionary = value as? [String: String] {
            for (name, value) in dictionary.sorted(by: { $0.key < $1.key }) {
                add(name, to: &text)
                add(value, to: &text)
            }
            return
        }
        if value is SourceMark { return }
        let mirror = Mirror(reflecting: value)
        guard !mirror.children.isEmpty else {
            add("\(value)", to: &text)
            return
        }
        for child in mirror.children {
            // Where the manifest stands says nothing of what it asks for.
            if ["file", "mark", "marks"].contains(child.label) { continue }
            text += "\(child.label ?? ""):"
            describe(child.value, into: &text)
        }
    }

    /// With its length before it, so that no value can look like two.
    private static func add(_ value: String, to text: inout String) { text += "\(value.utf8.count):\(value);" }
}

extension TriggerSource {
    var kind: String {
        switch self {
        case .bucket: "drop"
        case .schedule: "timer"
        case .http: "webhook"
        case .topic: "topic"
        case .queue: "queue"
        case .rule: "event"
        }
    }

    /// What it listens to, for people.
    var text: String {
        switch self {
        case .bucket(let source): "\(source.bucket)/\(source.prefix)*\(source.suffix)"
        case .schedule(let source): "\(source.expression) \(source.timeZone)"
        case .http(let source): "\(source.method) \(source.path)"
        case .topic(let source): source.topic
        case .queue(let source): source.queue
        case .rule(let source): source.bus
        }
    }
}

extension EventDestination {
    func arn(_ scope: Scope) -> String {
        if name.hasPrefix("arn:") { return name }
        return switch kind {
        case .queue: scope.arn("sqs", name).description
        case .topic: scope.arn("sns", name).description
        case .function: scope.arn("lambda", "function:\(name)").description
        case .bus: scope.arn("events", "event-bus/\(name)").description
        }
    }
}

extension TriggerTarget {
    var text: String {
        switch self {
        case .function(let name): "function \(name)"
        case .workflow(let name): "workflow \(name)"
        case .queue(let name): "queue \(name)"
        case .topic(let name): "topic \(name)"
        case .endpoint(let url): url
        }
    }

    func arn(_ scope: Scope) -> String {
        switch self {
        case .function(let name): scope.arn("lambda", "function:\(name)").description
        case .workflow(let name): scope.arn("states", "stateMachine:\(name)").description
        case .queue(let name): scope.arn("sqs", name).description
        case .topic(let name): scope.arn("sns", name).description
        case .endpoint(let url): "arn:aws:http:::\(url)"
        }
    }
}
