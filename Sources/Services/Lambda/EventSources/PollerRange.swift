import AWSModels
import Core
import Wire

/// How many pollers a mapping keeps in provisioned mode.
struct PollerRange: Hashable, Sendable {
    var minimum: Int
    var maximum: Int
    var groupName: String?

    /// The batches of one poller that may be under way at once.
    static let batchesPerPoller = 10

    init(_ config: Lambda.ProvisionedPollerConfig) {
        minimum = config.minimumPollers ?? 2
        maximum = config.maximumPollers ?? 200
        groupName = config.pollerGroupName
    }

    init(_ document: JSON) {
        minimum = document["minimum"]?.intValue.map { Int($0) } ?? 2
        maximum = document["maximum"]?.intValue.map { Int($0) } ?? 200
        groupName = document["group"]?.stringValue
    }

    var document: JSON {
        var document: JSON = ["minimum": JSON(minimum), "maximum": JSON(maximum)]
        document["group"] = groupName.map(JSON.string)
        return document
    }

    var shape: Lambda.ProvisionedPollerConfig {
        Lambda.ProvisionedPollerConfig {
            $0.minimumPollers = minimum
            $0.maximumPollers = maximum
            if let groupName { $0.pollerGroupName = groupName }
        }
    }

    var isInOrder: Bool { minimum <= maximum }
}
