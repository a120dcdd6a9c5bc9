/// A path that names exactly one place, so that a value can be set there: `$.a.b`, `$['a'][0]`.
public struct ReferencePath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
    }

    /// As the definition has it.
    public let text: String
    let steps: [Step]

    /// Nil when the path can name several places, or starts elsewhere than at the input.
    init?(_ path: JSONPath) {
        guard path.root == .input else { return nil }
        var steps: [Step] = []
        for step in path.steps {
            switch step {
            case .member(let name): steps.append(.member(name))
            case .index(let index) where index >= 0: steps.append(.index(index))
            default: return nil
            }
        }
        text = path.text
        self.steps = steps
    }
}
