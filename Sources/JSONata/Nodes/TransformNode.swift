import Core

/// `| pattern | update, deletion |`, a function that copies its argument with changes.
final class TransformNode: Node, @unchecked Sendable {
    fileprivate let pattern: Node
    fileprivate let update: Node
    fileprivate let deletion: Node?
    fileprivate let updatePosition: Int
    fileprivate let deletionPosition: Int
    /// `$clone`, which an expression may replace.
    fileprivate let clone: Node
    fileprivate let position: Int

    init(
        pattern: Node, update: Node, deletion: Node?, clone: Node, position: Int, updatePosition: Int,
        deletionPosition: Int
    ) {
        self.pattern = pattern
        self.update = update
        self.deletion = deletion
        self.clone = clone
        self.position = position
        self.updatePosition = updatePosition
        self.deletionPosition = deletionPosition
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        .function(try TransformFunction(self, frame))
    }
}

private final class TransformFunction: Function {
    private let node: TransformNode
    private let frame: Frame

    init(_ node: TransformNode, _ frame: Frame) throws(JSONataError) {
        self.node = node
        self.frame = frame
        super.init(arity: 1, closureDepth: try Function.checkedDepth(frame.header.closureDepth + 1))
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        let subject = arguments.first ?? .undefined
        if subject.isUndefined { return subject }
        guard subject.object != nil || subject.elements != nil else {
            throw JSONataError(code: "T0410", position: node.position, value: subject.shown, index: 1)
        }
        guard case .function(let clone) = try node.clone.evaluate(.undefined, frame, run) else {
            throw JSONataError(code: "T2013", position: node.position)
        }
        guard var changes = try changes(to: subject, clone, run) else { return .undefined }
        let matches = try node.pattern.evaluate(.json(changes.original), frame, run)
        switch matches {
        case .undefined: break
        case .json(.array(let elements)), .array(let elements, _):
            for element in elements { try change(run.value(of: element), &changes, run) }
        default: try change(matches, &changes, run)
        }
        return .json(try changes.result(run))
    }

    /// The library's own `$clone` is part of what giving each object its own storage does anyway.
    private func changes(to subject: Value, _ clone: Function, _ run: Evaluation) throws(JSONataError) -> ObjectChanges?
    {
        if let builtin = clone as? Builtin, builtin.name == "clone", let value = subject.unwrapped.shown {
            return ObjectChanges(original: try ObjectFunctions.copy(value, run))
        }
        guard let copy = try run.element(try clone.call([subject], context: .undefined, run)) else { return nil }
        return ObjectChanges(original: try ObjectFunctions.copy(copy, run))
    }

    private func change(_ match: Value, _ changes: inout ObjectChanges, _ run: Evaluation) throws(JSONataError) {
        try run.spend(4)
        let target = match.object
        let current = try target.map { target throws(JSONataError) in try changes.current(target, run) }
        let context = current.map { Value.json(.object($0)) } ?? match
        var changed = current
        let update = try node.update.evaluate(context, frame, run)
        if !update.isUndefined {
            guard let members = update.object else {
                throw JSONataError(code: "T2011", position: node.updatePosition, value: update.shown)
            }
            for index in members.indices { changed?[members[index].key] = members[index].value }
        }
        if let deletion = node.deletion {
            let names = try deletion.evaluate(changed.map { .json(.object($0)) } ?? context, frame, run)
            for name in try self.names(names) { changed?.removeValue(forKey: name) }
        }
        if let target, let changed { changes.replace(target, by: changed) }
    }

    private func names(_ value: Value) throws(JSONataError) -> [String] {
        if value.isUndefined { return [] }
        if let name = value.string { return [name] }
        let names = value.elements?.map(\.stringValue)
        guard let names, !names.contains(nil) else {
            throw JSONataError(code: "T2012", position: node.deletionPosition, value: value.shown)
        }
        return names.compactMap { $0 }
    }
}

/// Changes to objects inside a value.
///
/// Values have no identity, so each object of the value gets storage of its own first; an object that a pattern yields
/// is then known by its storage, which lives as long as the original does.
private struct ObjectChanges {
    let original: JSON
    private var replacements: [UInt: JSONObject] = [:]

    /// - Parameter original: a value whose objects all have storage of their own.
    init(original: JSON) { self.original = original }

    /// The object with the changes made so far to it and inside it.
    func current(_ object: JSONObject, _ run: Evaluation) throws(JSONataError) -> JSONObject {
        if !replacements.isEmpty, case .object(let changed) = try changed(.object(object), run) { return changed }
        return object
    }

    mutating func replace(_ object: JSONObject, by changed: JSONObject) {
        replacements[object.storageIdentity] = changed
    }

    func result(_ run: Evaluation) throws(JSONataError) -> JSON {
        try replacements.isEmpty ? original : changed(original, run) ?? original
    }

    /// The value with all changes; nil when there are none in it.
    private func changed(_ value: JSON, _ run: Evaluation) throws(JSONataError) -> JSON? {
        try run.spend(1)
        switch value {
        case .array(var elements):
            var isChanged = false
            for index in elements.indices where elements[index].isContainer {
                guard let element = try changed(elements[index], run) else { continue }
                elements[index] = element
                isChanged = true
            }
            return isChanged ? .array(elements) : nil
        case .object(let object):
            let replacement = replacements[object.storageIdentity]
            var result = replacement ?? object
            var isChanged = replacement != nil
            for position in result.indices {
                let member = result.value(at: position)
                guard member.isContainer, let value = try changed(member, run) else { continue }
                result.setValue(value, at: position)
                isChanged = true
            }
            return isChanged ? .object(result) : nil
        default: return nil
        }
    }
}
