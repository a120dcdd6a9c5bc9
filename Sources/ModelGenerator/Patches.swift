import Core

/// Corrections to the models, each with its reason: where the model and the service itself disagree.
///
///     {"service": "s3", "at": ["shapes", "Owner"], "set": {"locationName": "Owner"}, "reason": "…"}
///
/// `remove` names what is to go, `order` the order of what is left, in which `*` stands for all that is not named.
final class Patches {
    private struct Patch {
        var service: String
        var path: [String]
        var set: JSONObject
        var remove: [String]
        var order: [String]
    }

    private var patches: [Patch] = []
    private var used: Set<Int> = []

    init(_ json: JSON) throws {
        for entry in json.arrayValue ?? [] {
            guard let service = entry["service"]?.stringValue, let path = entry["at"]?.arrayValue,
                let reason = entry["reason"]?.stringValue, !reason.isEmpty
            else { throw Problem("a patch needs 'service', 'at' and a 'reason': \(entry)") }
            patches.append(
                Patch(
                    service: service, path: path.compactMap(\.stringValue),
                    set: entry["set"]?.objectValue ?? JSONObject(),
                    remove: entry["remove"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                    order: entry["order"]?.arrayValue?.compactMap(\.stringValue) ?? []))
        }
    }

    func applied(to model: JSON, service: String) throws -> JSON {
        var model = model
        for (index, patch) in patches.enumerated() where patch.service == service {
            used.insert(index)
            model = try Self.change(model, patch.path[...], patch)
        }
        return model
    }

    private static func change(_ json: JSON, _ path: ArraySlice<String>, _ patch: Patch) throws -> JSON {
        guard var object = json.objectValue else { throw Problem("patch \(patch.path): no object there") }
        guard let name = path.first else {
            for key in patch.remove { object.removeValue(forKey: key) }
            return .object(sorted(object.merging(patch.set), patch.order))
        }
        guard let inner = object[name] else { throw Problem("patch \(patch.path): the model has no '\(name)'") }
        object[name] = try change(inner, path.dropFirst(), patch)
        return .object(object)
    }

    private static func sorted(_ object: JSONObject, _ order: [String]) -> JSONObject {
        guard !order.isEmpty else { return object }
        let rest = object.map(\.key).filter { !order.contains($0) }
        let names = order.flatMap { $0 == "*" ? rest : [$0] }
        return JSONObject(names.compactMap { name in object[name].map { (name, $0) } })
    }

    func requireAllUsed(unless partial: Bool) throws {
        guard !partial, let unused = patches.indices.first(where: { !used.contains($0) }) else { return }
        throw Problem(
            "the patch \(patches[unused].path) is for the service '\(patches[unused].service)', which is not generated")
    }
}
