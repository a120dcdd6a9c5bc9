import Core
import Project

/// One thing that a project asks for, reduced to what is compared: when the fingerprint differs, it has changed.
struct ProjectItem: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        // In the order in which they are created; deleted the other way round.
        case bucket, queue, topic, function, workflow, trigger
    }

    var kind: Kind
    var name: String
    var fingerprint: String
    /// For people: what stands in the plan.
    var detail: String
}

struct ProjectChange: Sendable, Hashable {
    enum Action: String, Sendable { case create, change, delete }

    var action: Action
    var item: ProjectItem

    var json: JSON {
        [
            "action": .string(action.rawValue), "kind": .string(item.kind.rawValue), "name": .string(item.name),
            "detail": .string(item.detail),
        ]
    }
}

/// What leads from the project that is served to the one that is wanted. Pure.
struct ProjectPlan: Sendable {
    var changes: [ProjectChange]

    init(from current: [ProjectItem], to wanted: [ProjectItem]) {
        struct Key: Hashable {
            var kind: ProjectItem.Kind
            var name: String
        }
        let before = Dictionary(current.map { (Key(kind: $0.kind, name: $0.name), $0) }) { $1 }
        let after = Set(wanted.map { Key(kind: $0.kind, name: $0.name) })
        changes = []
        for item in wanted {
            guard let old = before[Key(kind: item.kind, name: item.name)] else {
                changes.append(ProjectChange(action: .create, item: item))
                continue
            }
            if old.fingerprint != item.fingerprint { changes.append(ProjectChange(action: .change, item: item)) }
        }
        for item in current.reversed() where !after.contains(Key(kind: item.kind, name: item.name)) {
            // What holds data is never deleted because a file went away.
            guard ![.bucket, .queue, .topic].contains(item.kind) else { continue }
            changes.append(ProjectChange(action: .delete, item: item))
        }
    }
}
