import Core
import StatesLanguage

/// A state's data as it passes each stage, kept only while a single state is tested.
struct StateInspection: Sendable {
    var afterInputPath: Payload?
    var afterParameters: JSON?
    var afterArguments: JSON?
    var result: Payload?
    var afterResultSelector: Payload?
    var afterResultPath: Payload?
    var afterItemsPath: JSON?
    var afterItemSelector: [JSON] = []
    var variables: JSON?
    var tolerance: (count: Int64?, percentage: Double?)?
    var maxConcurrency: Int64?
    var catchIndex: Int?
    /// What was retried or caught.
    var failure: ErrorOutput?
    var retry: (index: Int, seconds: Int64?)?

    mutating func took(arguments: JSON, _ language: QueryLanguage) {
        if language == .jsonata { afterArguments = arguments } else { afterParameters = arguments }
    }

    mutating func append(selected: JSON) { afterItemSelector.append(selected) }
}
