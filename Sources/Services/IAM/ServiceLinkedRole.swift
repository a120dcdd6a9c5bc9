import Core

/// A role that a service of AWS makes for itself: its name and its policy are given.
struct ServiceLinkedRole: Sendable {
    static let pathPrefix = "/aws-service-role/"
    private static let domain = ".amazonaws.com"

    /// Such as `batch.amazonaws.com`.
    let service: String
    let name: String
    let policyARN: String
    /// Whether an account may have several, told apart by an ending of their names.
    let takesSuffix: Bool

    var path: String { "\(Self.pathPrefix)\(service)/" }

    var trust: String {
        let policy: JSON = [
            "Version": "2012-10-17",
            "Statement": [
                ["Effect": "Allow", "Principal": ["Service": .string(service)], "Action": "sts:AssumeRole"]
            ],
        ]
        return policy.text()
    }

    static let byService: [String: ServiceLinkedRole] = {
        let rows = try? JSON(parsing: PackageResources.service_linked_roles_json).arrayValue
        return Dictionary((rows ?? []).compactMap(ServiceLinkedRole.init).map { ($0.service, $0) }) { $1 }
    }()

    private init?(_ row: JSON) {
        guard let service = row["service"]?.stringValue, let name = row["role"]?.stringValue,
            let policy = row["policy"]?.stringValue
        else { return nil }
        self.service = service + Self.domain
        self.name = name
        policyARN = "arn:aws:iam::aws:policy/aws-service-role/\(policy)"
        takesSuffix = row["takesSuffix"]?.boolValue ?? false
    }
}
