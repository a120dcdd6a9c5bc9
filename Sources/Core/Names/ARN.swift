/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
public struct ARN: Hashable, Sendable {
    public var partition: String
    public var service: String
    public var region: String
    public var account: String
    /// Everything after the fifth colon.
    public var resource: String

    public init(partition: String = "aws", service: String, region: String, account: String, resource: String) {
        self.partition = partition
        self.service = service
        self.region = region
        self.account = account
        self.resource = resource
    }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, !parts[2].isEmpty, !parts[5].isEmpty else {
            return nil
        }
        self.init(
            partition: String(parts[1]), service: String(parts[2]), region: String(parts[3]),
            account: String(parts[4]), resource: String(parts[5]))
    }
}

extension ARN: CustomStringConvertible {
    public var description: String { "arn:\(partition):\(service):\(region):\(account):\(resource)" }
}

/// The account and region in which a request is made; resources of different scopes never see one another.
public struct Scope: Hashable, Sendable {
    /// Twelve digits.
    public var account: String
    /// Such as `us-east-1`.
    public var region: String

    public init(account: String = "000000000000", region: String = "us-east-1") {
        self.account = account
        self.region = region
    }

    public func arn(_ service: String, _ resource: String) -> ARN {
        ARN(service: service, region: region, account: account, resource: resource)
    }
}
