import AWSModels
import Core
import EventPatterns
import Wire

/// A queue whose messages are handed to a function in batches.
struct EventSourceMapping: Hashable, Sendable {
    var id: String
    var scope: Scope
    /// With the qualifier that was given.
    var functionARN: String
    var queueARN: String
    var isEnabled: Bool
    var batchSize: Int
    var windowSeconds: Int
    /// Patterns; a message passes that matches one of them. None lets all pass.
    var filters: [String]
    /// Whether the function says which messages of a batch failed.
    var reportsItemFailures: Bool
    /// Batches that may be handled at once.
    var maximumConcurrency: Int?
    /// Pollers of provisioned mode.
    var pollers: PollerRange?
    /// What is counted of it; nil when that was never said.
    var metrics: [String]?
    /// The key that its filters are encrypted with.
    var keyARN: String?
    var modifiedAt: Timestamp
    var tags: [String: String]

    var arn: ARN { scope.arn("lambda", "event-source-mapping:\(id)") }

    var isFIFO: Bool { queueARN.hasSuffix(".fifo") }

    var document: JSON {
        var document: JSON = [
            "function": .string(functionARN), "queue": .string(queueARN), "enabled": .bool(isEnabled),
            "batchSize": JSON(batchSize), "window": JSON(windowSeconds), "filters": .array(filters.map(JSON.string)),
            "reportsItemFailures": .bool(reportsItemFailures), "modifiedAt": .int(modifiedAt.milliseconds),
            "tags": .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ]
        document["maximumConcurrency"] = maximumConcurrency.map { JSON($0) }
        document["pollers"] = pollers?.document
        document["metrics"] = metrics.map { .array($0.map(JSON.string)) }
        document["key"] = keyARN.map(JSON.string)
        return document
    }

    init(
        id: String, scope: Scope, functionARN: String, queueARN: String, isEnabled: Bool = true, batchSize: Int = 10,
        windowSeconds: Int = 0, filters: [String] = [], reportsItemFailures: Bool = false,
        maximumConcurrency: Int? = nil, modifiedAt: Timestamp, tags: [String: String]
    ) {
        self.id = id
        self.scope = scope
        self.functionARN = functionARN
        self.queueARN = queueARN
        self.isEnabled = isEnabled
        self.batchSize = batchSize
        self.windowSeconds = windowSeconds
        self.filters = filters
        self.reportsItemFailures = reportsItemFailures
        self.maximumConcurrency = maximumConcurrency
        self.modifiedAt = modifiedAt
        self.tags = tags
    }

    init(_ document: LambdaDocuments.Document) {
        let content = document.content
        var tags: [String: String] = [:]
        for (key, value) in content["tags"]?.objectValue ?? [:] { tags[key] = value.stringValue }
        self.init(
            id: document.id, scope: document.scope, functionARN: content["function"]?.stringValue ?? "",
            queueARN: content["queue"]?.stringValue ?? "", isEnabled: content["enabled"]?.boolValue ?? true,
            batchSize: Int(content["batchSize"]?.intValue ?? 10), windowSeconds: Int(content["window"]?.intValue ?? 0),
            filters: content["filters"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            reportsItemFailures: content["reportsItemFailures"]?.boolValue ?? false,
            maximumConcurrency: content["maximumConcurrency"]?.intValue.map { Int($0) },
            modifiedAt: Timestamp(milliseconds: content["modifiedAt"]?.intValue ?? 0), tags: tags)
        pollers = content["pollers"].map(PollerRange.init)
        metrics = content["metrics"]?.arrayValue?.compactMap(\.stringValue)
        keyARN = content["key"]?.stringValue
    }

    func filter() throws(EventPatternError) -> EventSourceFilter {
        try EventSourceFilter(patterns: filters, payloadKey: "body")
    }

    /// - Parameter state: as Lambda names it; changes take effect at once, and their answers still speak of a change
    ///   under way.
    func shape(_ state: String) -> Lambda.EventSourceMappingConfiguration {
        Lambda.EventSourceMappingConfiguration {
            $0.uuid = id
            $0.eventSourceMappingArn = "\(arn)"
            $0.eventSourceArn = queueARN
            $0.functionArn = functionARN
            $0.batchSize = batchSize
            $0.maximumBatchingWindowInSeconds = windowSeconds
            $0.functionResponseTypes = reportsItemFailures ? [.reportBatchItemFailures] : []
            $0.lastModified = modifiedAt
            $0.state = state
            $0.stateTransitionReason = "USER_INITIATED"
            if !filters.isEmpty {
                $0.filterCriteria = Lambda.FilterCriteria {
                    $0.filters = filters.map { pattern in Lambda.Filter { $0.pattern = pattern } }
                }
            }
            if let maximumConcurrency {
                $0.scalingConfig = Lambda.ScalingConfig { $0.maximumConcurrency = maximumConcurrency }
            }
            if let pollers { $0.provisionedPollerConfig = pollers.shape }
            if let metrics {
                $0.metricsConfig = Lambda.EventSourceMappingMetricsConfig {
                    $0.metrics = metrics.map(Lambda.EventSourceMappingMetric.init(rawValue:))
                }
            }
            if let keyARN { $0.kmsKeyArn = keyARN }
        }
    }

    var settledState: String { isEnabled ? "Enabled" : "Disabled" }
}
