import Core

/// One item of a Map state.
public struct MapItem: Sendable {
    /// The member's name, when the items are the members of an object.
    public let key: String?
    public let value: JSON
}

extension EvaluationScope {
    /// The items of a Map state that are in the state's data; nil when a reader provides them.
    public mutating func items(of map: MapState) throws(EvaluationFailure) -> [MapItem]? {
        switch map.items {
        case .reader: return nil
        case .path(let path):
            // AWS names a path into the context object without its second dollar sign.
            let name = path.root == .context ? String(path.text.dropFirst()) : path.text
            return try items(in: try value(of: path), named: name, of: map)
        case .template(.jsonata(let field)): return try array(field).map { MapItem(key: nil, value: $0) }
        case .template(let template):
            guard case .array(let array) = try evaluate(template) else { return [] }
            return array.map { MapItem(key: nil, value: $0) }
        case .input(.jsonPath): return try items(in: input, named: "$", of: map)
        case .input(.jsonata):
            guard case .array(let array) = input else {
                throw EvaluationFailure(
                    ErrorName.queryEvaluationError, "Map state input must be an array but was: \(input.text())")
            }
            return array.map { MapItem(key: nil, value: $0) }
        }
    }

    private func items(in value: JSON, named path: String, of map: MapState) throws(EvaluationFailure) -> [MapItem] {
        switch (value, map.processor.mode) {
        case (.array(let array), _): return array.map { MapItem(key: nil, value: $0) }
        case (.object(let object), .distributed): return object.map { MapItem(key: $0.key, value: $0.value) }
        default: throw EvaluationFailure(ErrorName.runtime, "Reference path \"\(path)\" must point to array.")
        }
    }
}
