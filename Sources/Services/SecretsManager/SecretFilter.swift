import AWSModels
import Core

/// A filter of lists of secrets: one of its values has to match. A value that begins with `!` must not match.
struct SecretFilter: Sendable {
    private var key: String
    private var values: [String]

    init(_ shape: SecretsManager.Filter) {
        key = shape.key?.rawValue ?? ""
        values = shape.values ?? []
    }

    func matches(_ secret: Secret, _ tags: [(name: String, value: String)]) -> Bool {
        values.contains { value in
            let negates = value.hasPrefix("!")
            return matches(negates ? String(value.dropFirst()) : value, secret, tags) != negates
        }
    }

    private func matches(_ value: String, _ secret: Secret, _ tags: [(name: String, value: String)]) -> Bool {
        let description = secret.description ?? ""
        return switch key {
        case "name": secret.name.hasPrefix(value)
        case "description": Self.words(value, begin: description)
        case "tag-key": tags.contains { $0.name.hasPrefix(value) }
        case "tag-value": tags.contains { $0.value.hasPrefix(value) }
        case "owning-service": (secret.owner ?? "").hasPrefix(value)
        case "primary-region": secret.scope.region.hasPrefix(value)
        default:
            // `all`: any of them, whatever the case of the letters.
            ([secret.name, description] + tags.flatMap { [$0.name, $0.value] })
                .contains { Self.words(value.lowercased(), begin: $0.lowercased()) }
        }
    }

    /// Each word of the value begins a word of the text.
    private static func words(_ value: String, begin text: String) -> Bool {
        let words = split(text)
        return split(value).allSatisfy { wanted in words.contains { $0.hasPrefix(wanted) } }
    }

    private static func split(_ text: String) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber }
    }
}
