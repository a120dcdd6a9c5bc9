import Project

/// What a person can try on a host that has just started: every address and command is a real one.
struct NextSteps {
    let settings: HostSettings
    let project: ProjectDefinition

    var lines: [String] {
        var lines = suggestions
        if let function = project.functions.first {
            lines.append("call a function   millrace invoke \(function.name) '{}'")
        }
        if let workflow = project.workflows.first {
            lines.append("start a workflow  millrace start \(workflow.name) '{}' --follow")
        }
        lines.append("watch             millrace logs -f     millrace executions     millrace bill")
        lines.append("use AWS's tools   eval \"$(millrace env)\"; aws s3 ls")
        // The commands look for the host at the customary port.
        if settings.port != 4566 || settings.certificate != nil {
            let trust = settings.certificate.map { " AWS_CA_BUNDLE=\($0.chain)" } ?? ""
            lines.insert("other terminals   export AWS_ENDPOINT_URL=\(settings.endpoint)\(trust)", at: 0)
        }
        return lines
    }

    /// Some of each kind: who has dozens knows them.
    private var suggestions: [String] {
        var counts: [String: Int] = [:]
        return project.triggers.compactMap { trigger in
            guard counts[trigger.source.kind, default: 0] < Self.limit, let line = line(trigger) else { return nil }
            counts[trigger.source.kind, default: 0] += 1
            return line
        }
    }

    private static let limit = 2

    private func line(_ trigger: TriggerResource) -> String? {
        switch trigger.source {
        case .bucket(let source):
            "drop a file       \(settings.dataDirectory)/buckets/\(source.bucket)/\(source.prefix)*\(source.suffix)"
        // Nobody can sign by hand.
        case .http(let source) where source.signature != nil: nil
        case .http(let source):
            "call the webhook  curl -X \(source.method == "ANY" ? "POST" : source.method) "
                + "'\(settings.webhookEndpoint)\(source.path)'"
        case .schedule: "fire the timer    millrace triggers fire \(trigger.name)"
        case .topic(let source): "publish           millrace publish \(source.topic) 'hello'"
        case .queue, .rule: nil
        }
    }
}
