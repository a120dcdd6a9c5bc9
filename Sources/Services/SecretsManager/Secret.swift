import Core

/// A secret without its values.
struct Secret: Sendable {
    var scope: Scope
    var name: String
    /// Of the first secret that had the name, another than of the next one: six letters set them apart.
    var arn: String
    var description: String?
    var kmsKey: String?
    var policy: String?
    /// The AWS service that made the secret and keeps it, such as `events`.
    var owner: String?
    var createdAt: Timestamp
    var changedAt: Timestamp
    /// When the deletion was asked for, and when nothing can undo it any more.
    var deletion: Deletion?
    var rotation: SecretRotation?
    /// Whether it had tags at any time: lists of tags that became empty are shown.
    var wasTagged = false
    var versions: [SecretVersion] = []

    struct Deletion: Sendable {
        var requestedAt: Timestamp
        var endsAt: Timestamp
    }

    init(_ name: String, _ scope: Scope, suffix: String, at time: Timestamp) {
        self.name = name
        self.scope = scope
        arn = scope.arn("secretsmanager", "secret:\(name)-\(suffix)").description
        (createdAt, changedAt) = (time, time)
    }

    /// The last day on which a value was read, when one was.
    var accessedOn: Timestamp? { versions.compactMap(\.accessedOn).max() }

    /// The staging labels of every version that has some; nil when none has.
    var stages: [String: [String]]? {
        let labelled = versions.filter { !$0.stages.isEmpty }
        return labelled.isEmpty ? nil : Dictionary(uniqueKeysWithValues: labelled.map { ($0.id, $0.stages) })
    }

    func version(_ id: String) -> SecretVersion? { versions.first { $0.id == id } }

    func holder(of stage: String) -> SecretVersion? { versions.first { $0.stages.contains(stage) } }
}

/// One value that a secret has or had; the value itself is read when it is asked for.
struct SecretVersion: Sendable, Equatable {
    static let current = "AWSCURRENT"
    static let previous = "AWSPREVIOUS"
    static let pending = "AWSPENDING"

    var id: String
    var createdAt: Timestamp
    /// Midnight of the last day on which it was read.
    var accessedOn: Timestamp?
    /// Sorted. A version without any is deprecated: nobody finds it but by its id.
    var stages: [String] = []
}

extension [SecretVersion] {
    /// Moves staging labels to a version. Each label is at one version at a time; the version that was current becomes
    /// the previous one.
    mutating func attach(_ stages: [String], to id: String) {
        for stage in stages {
            let holder = firstIndex { $0.stages.contains(stage) }
            if let holder, self[holder].id == id { continue }
            if let holder { self[holder].stages.removeAll { $0 == stage } }
            if stage == SecretVersion.current, let holder {
                let former = self[holder].id
                // What is the previous version waits for nothing any more.
                self[holder].stages.removeAll { $0 == SecretVersion.pending }
                detach(SecretVersion.previous)
                add(SecretVersion.previous, to: former)
            }
            add(stage, to: id)
        }
    }

    mutating func detach(_ stage: String) {
        for index in indices { self[index].stages.removeAll { $0 == stage } }
    }

    private mutating func add(_ stage: String, to id: String) {
        guard let index = firstIndex(where: { $0.id == id }) else { return }
        self[index].stages = (self[index].stages + [stage]).sorted()
    }

    /// The oldest deprecated versions beyond the hundred that are kept.
    var superfluous: [String] {
        let deprecated = filter(\.stages.isEmpty).sorted { $0.createdAt < $1.createdAt }
        return deprecated.dropLast(100).map(\.id)
    }
}

/// What a version holds.
enum SecretValue: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
}
