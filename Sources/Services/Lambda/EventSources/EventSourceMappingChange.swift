import AWSModels
import Core
import EventPatterns
import Wire

/// What the requests that create and that change a mapping have in common.
protocol EventSourceMappingChange {
    var enabled: Bool? { get }
    var batchSize: Int? { get }
    var maximumBatchingWindowInSeconds: Int? { get }
    var filterCriteria: Lambda.FilterCriteria? { get }
    var functionResponseTypes: [Lambda.FunctionResponseType]? { get }
    var scalingConfig: Lambda.ScalingConfig? { get }
    var provisionedPollerConfig: Lambda.ProvisionedPollerConfig? { get }
    var metricsConfig: Lambda.EventSourceMappingMetricsConfig? { get }
    var kmsKeyArn: String? { get }

    var destinationConfig: Lambda.DestinationConfig? { get }
    var parallelizationFactor: Int? { get }
    var maximumRecordAgeInSeconds: Int? { get }
    var maximumRetryAttempts: Int? { get }
    var bisectBatchOnFunctionError: Bool? { get }
    var tumblingWindowInSeconds: Int? { get }
    var loggingConfig: Lambda.EventSourceMappingLoggingConfig? { get }
    var sourceAccessConfigurations: [Lambda.SourceAccessConfiguration]? { get }
    var amazonManagedKafkaEventSourceConfig: Lambda.AmazonManagedKafkaEventSourceConfig? { get }
    var selfManagedKafkaEventSourceConfig: Lambda.SelfManagedKafkaEventSourceConfig? { get }
    var documentDBEventSourceConfig: Lambda.DocumentDBEventSourceConfig? { get }
}

extension Lambda.CreateEventSourceMappingRequest: EventSourceMappingChange {}
extension Lambda.UpdateEventSourceMappingRequest: EventSourceMappingChange {}

extension EventSourceMappingChange {
    /// Refuses what only streams, brokers and databases are asked for.
    func checkSuitsQueues() throws(AWSError) {
        let foreign = [
            ("DestinationConfig", namesDestination), ("ParallelizationFactor", parallelizationFactor != nil),
            ("MaximumRecordAgeInSeconds", maximumRecordAgeInSeconds != nil),
            ("MaximumRetryAttempts", maximumRetryAttempts != nil),
            ("BisectBatchOnFunctionError", bisectBatchOnFunctionError == true),
            ("TumblingWindowInSeconds", tumblingWindowInSeconds != nil), ("LoggingConfig", loggingConfig != nil),
            ("SourceAccessConfigurations", sourceAccessConfigurations?.isEmpty == false),
            ("AmazonManagedKafkaEventSourceConfig", amazonManagedKafkaEventSourceConfig != nil),
            ("SelfManagedKafkaEventSourceConfig", selfManagedKafkaEventSourceConfig != nil),
            ("DocumentDBEventSourceConfig", documentDBEventSourceConfig != nil),
        ]
        for (name, isGiven) in foreign where isGiven { throw LambdaError.unsupportedMappingParameter(name) }
    }

    private var namesDestination: Bool {
        destinationConfig?.onSuccess?.destination != nil || destinationConfig?.onFailure?.destination != nil
    }

    /// Members that are absent leave the mapping as it is.
    func apply(to mapping: inout EventSourceMapping) throws(AWSError) {
        if let enabled { mapping.isEnabled = enabled }
        if let batchSize { mapping.batchSize = batchSize }
        if let seconds = maximumBatchingWindowInSeconds { mapping.windowSeconds = seconds }
        if let filterCriteria { mapping.filters = try Self.patterns(filterCriteria) }
        if let types = functionResponseTypes {
            mapping.reportsItemFailures = types.contains(.reportBatchItemFailures)
        }
        if let scalingConfig { mapping.maximumConcurrency = scalingConfig.maximumConcurrency }
        if let pollers = provisionedPollerConfig { mapping.pollers = PollerRange(pollers) }
        if let metricsConfig { mapping.metrics = metricsConfig.metrics?.map(\.rawValue) ?? [] }
        if let kmsKeyArn { mapping.keyARN = kmsKeyArn.isEmpty ? nil : kmsKeyArn }
        try mapping.check()
    }

    private static func patterns(_ criteria: Lambda.FilterCriteria) throws(AWSError) -> [String] {
        let patterns = (criteria.filters ?? []).map { $0.pattern ?? "" }
        do { _ = try EventSourceFilter(patterns: patterns, payloadKey: "body") } catch {
            throw LambdaError.invalidParameter(EventPattern.eventSourceRefusal)
        }
        return patterns
    }
}

extension EventSourceMapping {
    fileprivate func check() throws(AWSError) {
        if isFIFO {
            guard batchSize <= 10 else {
                throw LambdaError.invalidParameter("Batch size for FIFO queues must be 10 or less: it is \(batchSize)")
            }
            guard windowSeconds == 0 else {
                throw LambdaError.invalidParameter("Batching window is not supported for FIFO queues.")
            }
        }
        guard batchSize <= 10 || windowSeconds > 0 else {
            throw LambdaError.invalidParameter(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
        }
        guard maximumConcurrency == nil || pollers == nil else {
            throw LambdaError.invalidParameter(
                "ScalingConfig and ProvisionedPollerConfig cannot be set together for an event source mapping.")
        }
        guard pollers?.isInOrder != false else {
            throw LambdaError.invalidParameter(
                "MinimumPollers must be less than or equal to MaximumPollers in ProvisionedPollerConfig.")
        }
    }
}

extension LambdaError {
    static func unsupportedMappingParameter(_ name: String) -> AWSError {
        invalidParameter("Unsupported \(name) parameter for given event source mapping type.")
    }
}
