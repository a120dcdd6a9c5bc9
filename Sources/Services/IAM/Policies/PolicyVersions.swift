import AWSModels
import Core
import Wire

/// The versions of a managed policy, of which one is in force.
struct PolicyVersions {
    struct Version {
        var number: Int64
        var createdAt: Timestamp
        var document: String

        var id: String { "v\(number)" }
    }

    static let limit = 5
    private static let sizeLimit = 6144

    /// The oldest first.
    private(set) var all: [Version]
    private(set) var defaultID: String
    /// Numbers are not used again.
    private var next: Int64

    static func check(_ document: String) throws(AWSError) {
        try IdentityPolicy.check(document)
        guard PolicyText.size(document) <= sizeLimit else { throw IAMError.quota("PolicySize", sizeLimit) }
    }

    init(first document: String, at time: Timestamp) {
        all = [Version(number: 1, createdAt: time, document: document)]
        defaultID = "v1"
        next = 2
    }

    subscript(id: String) -> Version? { all.first { $0.id == id } }

    mutating func add(_ document: String, isDefault: Bool, at time: Timestamp) throws(AWSError) -> Version {
        guard all.count < Self.limit else {
            throw IAM.Errors.limitExceededException(
                "A managed policy can have up to \(Self.limit) versions. Before you create a new version, you must "
                    + "delete an existing version.")
        }
        let version = Version(number: next, createdAt: time, document: document)
        all.append(version)
        next += 1
        if isDefault { defaultID = version.id }
        return version
    }

    /// Returns false when there is no such version.
    mutating func setDefault(_ id: String) -> Bool {
        guard self[id] != nil else { return false }
        defaultID = id
        return true
    }

    mutating func remove(_ id: String) { all.removeAll { $0.id == id } }

    // MARK: As it is kept

    init(_ policy: IAMEntity) {
        let kept = policy.body["versions"]
        all = (kept?["all"]?.arrayValue ?? []).map { version in
            Version(
                number: version["number"]?.intValue ?? 0,
                createdAt: Timestamp(milliseconds: version["created"]?.intValue ?? 0),
                document: version["document"]?.stringValue ?? "")
        }
        defaultID = kept?["default"]?.stringValue ?? ""
        next = kept?["next"]?.intValue ?? 1
    }

    var json: JSON {
        [
            "default": .string(defaultID), "next": .int(next),
            "all": .array(
                all.map { version in
                    [
                        "number": .int(version.number), "created": .int(version.createdAt.milliseconds),
                        "document": .string(version.document),
                    ]
                }),
        ]
    }
}
