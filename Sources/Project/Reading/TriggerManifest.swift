import Core

extension TriggerResource {
    static let types = ["S3", "Schedule", "ScheduleV2", "HttpApi", "SNS", "SQS", "EventBridgeRule"]

    /// Reads an entry of `Events`, whose target is the resource that it belongs to.
    init?(name: String, file: String, target: TriggerTarget, reader: ManifestReader) {
        reader.allow(["Type", "Properties"])
        self.init(name: name, file: file, fixedTarget: target, reader: reader)
    }

    /// Reads a file of `triggers/`, which names its target.
    init?(name: String, file: String, reader: ManifestReader) {
        reader.allow(["Type", "Properties", "Target"])
        self.init(name: name, file: file, fixedTarget: nil, reader: reader)
    }

    private init?(name: String, file: String, fixedTarget: TriggerTarget?, reader: ManifestReader) {
        let target = fixedTarget.map { ($0, reader.node.mark) } ?? Self.target(reader)
        guard reader.requiredText("Type", example: "S3") != nil, let type = reader.choice("Type", of: Self.types)
        else { return nil }
        guard let properties = reader.section("Properties") else {
            reader.report("Properties", "is missing.", mend: "Add what the \(type) trigger needs under 'Properties:'.")
            return nil
        }
        guard var source = TriggerSource(type: type, properties), let target else { return nil }
        if case .http(var webhook) = source, !target.0.answers {
            // What cannot answer takes what is acknowledged at once.
            if properties.text("Mode") == "Sync" {
                properties.report(
                    "Mode", "the target gives no answer to wait for.",
                    mend: "Write 'Mode: Queued', or name a function or a workflow.")
            }
            webhook.isQueued = true
            source = .http(webhook)
        }
        self.init(
            name: name, file: file, mark: reader.node.mark, targetMark: target.1, source: source, target: target.0,
            marks: properties.marks)
    }

    private static func target(_ reader: ManifestReader) -> (TriggerTarget, SourceMark)? {
        guard let section = reader.section("Target") else {
            reader.report(
                "Target", "is missing.",
                mend: "Add 'Target:' with 'Function:', 'Workflow:', 'Queue:', 'Topic:' or 'Url:'.")
            return nil
        }
        guard section.isMapping else { return nil }
        section.allow(["Function", "Workflow", "Queue", "Topic", "Url"])
        guard section.names.count == 1 else {
            reader.report("Target", "exactly one target is expected.", mend: "Write a trigger for each target.")
            return nil
        }
        let kind = section.names[0]
        guard let name = section.requiredText(kind, example: "name"), let mark = section.marks[kind] else { return nil }
        switch kind {
        case "Function": return (.function(name), mark)
        case "Workflow": return (.workflow(name), mark)
        case "Queue": return (.queue(name), mark)
        case "Topic": return (.topic(name), mark)
        case "Url": return (.endpoint(url: name), mark)
        default: return nil
        }
    }
}

extension TriggerSource {
    init?(type: String, _ properties: ManifestReader) {
        switch type {
        case "S3": guard let read = BucketTrigger(properties) else { return nil }; self = .bucket(read)
        case "Schedule": guard let read = ScheduleTrigger(rule: properties) else { return nil }; self = .schedule(read)
        case "ScheduleV2":
            guard let read = ScheduleTrigger(scheduler: properties) else { return nil }
            self = .schedule(read)
        case "HttpApi": guard let read = HTTPTrigger(properties) else { return nil }; self = .http(read)
        case "SNS": guard let read = TopicTrigger(properties) else { return nil }; self = .topic(read)
        case "SQS": guard let read = QueueTrigger(properties) else { return nil }; self = .queue(read)
        default: guard let read = RuleTrigger(properties) else { return nil }; self = .rule(read)
        }
    }
}

extension BucketTrigger {
    init?(_ reader: ManifestReader) {
        reader.allow(["Bucket", "Events", "Filter"])
        guard let bucket = reader.requiredText("Bucket", example: "inbox") else { return nil }
        self.init(bucket: bucket)
        if reader.has("Events") { events = reader.texts("Events") }
        for event in events where !event.hasPrefix("s3:Object") {
            reader.report("Events", "'\(event)' is no event of a bucket.", mend: "Write 's3:ObjectCreated:*'.")
        }
        let filter = reader.section("Filter")
        filter?.allow(["S3Key"])
        let keys = filter?.section("S3Key")
        keys?.allow(["Rules"])
        guard let rules = keys?.value("Rules") else { return }
        guard case .sequence(let nodes) = rules.content else {
            reader.report("Filter", "'Rules' must be a list.", mend: "Write '- Name: suffix' and 'Value: .csv'.")
            return
        }
        for (index, node) in nodes.enumerated() {
            let rule = ManifestReader(
                node, path: reader.field("Filter.S3Key.Rules[\(index)]"), problems: reader.problems)
            rule.allow(["Name", "Value"])
            switch rule.choice("Name", of: ["prefix", "suffix", "Prefix", "Suffix"])?.lowercased() {
            case "prefix": prefix = rule.text("Value") ?? ""
            case "suffix": suffix = rule.text("Value") ?? ""
            default: break
            }
        }
    }
}

extension ScheduleTrigger {
    init?(rule reader: ManifestReader) {
        reader.allow([
            "Schedule", "Input", "Enabled", "State", "Name", "Description", "RetryPolicy", "DeadLetterConfig",
        ])
        guard let expression = reader.requiredText("Schedule", example: "rate(5 minutes)") else { return nil }
        self.init(expression: expression, isRule: true)
        readCommon(reader)
    }

    init?(scheduler reader: ManifestReader) {
        reader.allow([
            "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "StartDate", "EndDate", "Input",
            "State", "Name", "Description", "GroupName", "RetryPolicy", "DeadLetterConfig",
        ])
        guard let expression = reader.requiredText("ScheduleExpression", example: "cron(0 8 * * ? *)") else {
            return nil
        }
        self.init(expression: expression, isRule: false)
        timeZone = reader.text("ScheduleExpressionTimezone") ?? timeZone
        if let window = reader.section("FlexibleTimeWindow") {
            window.allow(["Mode", "MaximumWindowInMinutes"])
            if window.choice("Mode", of: ["OFF", "FLEXIBLE"]) == "FLEXIBLE" {
                if !window.has("MaximumWindowInMinutes") {
                    window.report(
                        "MaximumWindowInMinutes", "is missing.",
                        mend: "Add 'MaximumWindowInMinutes: 15', or 'Mode: OFF'.")
                }
                flexibleWindow = window.integer("MaximumWindowInMinutes", in: 1...1440, unit: "minutes")
            }
        }
        start = Self.date(reader, "StartDate")
        end = Self.date(reader, "EndDate")
        readCommon(reader)
    }

    private mutating func readCommon(_ reader: ManifestReader) {
        input = reader.jsonText("Input")
        isEnabled = reader.boolean("Enabled") ?? (reader.choice("State", of: ["ENABLED", "DISABLED"]) != "DISABLED")
        retry = TriggerRetry(reader)
    }

    private static func date(_ reader: ManifestReader, _ name: String) -> Timestamp? {
        guard let text = reader.text(name) else { return nil }
        if let date = Timestamp(rfc3339: text) { return date }
        reader.report(name, "'\(text)' is not a date and time.", mend: "Write it like 2027-01-31T08:00:00Z.")
        return nil
    }
}

extension TriggerRetry {
    init(_ reader: ManifestReader) {
        if let policy = reader.section("RetryPolicy") {
            policy.allow(["MaximumRetryAttempts", "MaximumEventAgeInSeconds"])
            maximumRetryAttempts =
                policy.integer("MaximumRetryAttempts", in: 0...185, unit: "retries") ?? maximumRetryAttempts
            maximumEventAge =
                policy.integer("MaximumEventAgeInSeconds", in: 60...86_400, unit: "seconds") ?? maximumEventAge
        }
        if let config = reader.section("DeadLetterConfig") {
            config.allow(["Arn", "Type", "QueueLogicalId"])
            deadLetter = config.text("Arn") ?? config.text("QueueLogicalId")
        }
    }
}

extension HTTPTrigger {
    private static let methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"]

    init?(_ reader: ManifestReader) {
        reader.allow([
            "Path", "Method", "PayloadFormatVersion", "TimeoutInMillis", "ApiId", "Mode", "MaxBodyBytes",
            "MaxConcurrency", "Signature",
        ])
        guard let path = reader.requiredText("Path", example: "/orders/{id}") else { return nil }
        guard path.hasPrefix("/") else {
            reader.report("Path", "'\(path)' does not begin with '/'.", mend: "Write '/\(path)'.")
            return nil
        }
        let method = (reader.text("Method") ?? "ANY").uppercased()
        guard Self.methods.contains(method) else {
            reader.report("Method", "'\(method)' is no HTTP method.", mend: "Write POST, GET, … or ANY.")
            return nil
        }
        self.init(path: path, method: method)
        _ = reader.choice("PayloadFormatVersion", of: ["2.0"])
        timeout = reader.integer("TimeoutInMillis", in: 50...30_000, unit: "milliseconds") ?? timeout
        isQueued = reader.choice("Mode", of: ["Sync", "Queued"]) == "Queued"
        bodyLimit = reader.integer("MaxBodyBytes", in: 1...10_485_760, unit: "bytes") ?? bodyLimit
        concurrencyLimit = reader.integer("MaxConcurrency", in: 1...10_000, unit: "requests") ?? concurrencyLimit
        if let section = reader.section("Signature") { signature = WebhookSignature(section) }
    }
}

extension WebhookSignature {
    private static let schemes = ["github", "stripe", "slack", "shopify", "standard-webhooks", "hmac-sha256"]

    init?(_ reader: ManifestReader) {
        reader.allow(["Scheme", "Secret", "Header"])
        guard reader.requiredText("Scheme", example: "github") != nil,
            let scheme = reader.choice("Scheme", of: Self.schemes),
            let secret = reader.requiredText("Secret", example: "${GITHUB_SECRET}")
        else { return nil }
        self.init(scheme: scheme, secret: secret, header: reader.text("Header"))
        if scheme == "hmac-sha256", header == nil {
            reader.report(
                "Header", "is missing.", mend: "Name the header that carries the signature: 'Header: X-Signature'.")
        }
    }
}

extension TopicTrigger {
    init?(_ reader: ManifestReader) {
        reader.allow(["Topic", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "Region"])
        guard let topic = reader.requiredText("Topic", example: "orders") else { return nil }
        self.init(topic: topic)
        filterPolicy = reader.jsonText("FilterPolicy")
        filterPolicyScope =
            reader.choice("FilterPolicyScope", of: ["MessageAttributes", "MessageBody"]) ?? filterPolicyScope
        isRaw = reader.boolean("RawMessageDelivery") ?? false
        if let redrive = reader.section("RedrivePolicy") {
            redrive.allow(["deadLetterTargetArn"])
            deadLetter = redrive.requiredText("deadLetterTargetArn", example: "dead-letters")
        }
    }
}

extension QueueTrigger {
    init?(_ reader: ManifestReader) {
        reader.allow([
            "Queue", "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "FunctionResponseTypes",
            "ScalingConfig", "Enabled",
        ])
        guard let queue = reader.requiredText("Queue", example: "jobs") else { return nil }
        self.init(queue: queue)
        batchSize = reader.integer("BatchSize", in: 1...10_000, unit: "messages") ?? batchSize
        batchingWindow =
            reader.integer("MaximumBatchingWindowInSeconds", in: 0...300, unit: "seconds") ?? batchingWindow
        reportsBatchItemFailures = reader.texts("FunctionResponseTypes").contains("ReportBatchItemFailures")
        isEnabled = reader.boolean("Enabled") ?? true
        if let scaling = reader.section("ScalingConfig") {
            scaling.allow(["MaximumConcurrency"])
            maximumConcurrency = scaling.integer("MaximumConcurrency", in: 2...1000, unit: "invocations")
        }
        let criteria = reader.section("FilterCriteria")
        criteria?.allow(["Filters"])
        guard let filters = criteria?.value("Filters"), case .sequence(let nodes) = filters.content
        else { return }
        for (index, node) in nodes.enumerated() {
            let filter = ManifestReader(
                node, path: reader.field("FilterCriteria.Filters[\(index)]"), problems: reader.problems)
            filter.allow(["Pattern"])
            if let pattern = filter.jsonText("Pattern") { filterPatterns.append(pattern) }
        }
    }
}

extension RuleTrigger {
    init?(_ reader: ManifestReader) {
        reader.allow([
            "Pattern", "EventBusName", "Input", "InputPath", "InputTransformer", "State", "RuleName", "RetryPolicy",
            "DeadLetterConfig",
        ])
        guard reader.has("Pattern") else {
            reader.report("Pattern", "is missing.", mend: "Add the events to match: 'Pattern: {source: [orders]}'.")
            return nil
        }
        guard let pattern = reader.jsonText("Pattern") else { return nil }
        self.init(pattern: pattern)
        bus = reader.text("EventBusName") ?? bus
        input = reader.jsonText("Input")
        inputPath = reader.text("InputPath")
        inputTransformer = reader.json("InputTransformer")
        isEnabled = reader.choice("State", of: ["ENABLED", "DISABLED"]) != "DISABLED"
        retry = TriggerRetry(reader)
    }
}
