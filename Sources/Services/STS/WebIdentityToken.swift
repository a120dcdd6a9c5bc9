import AWSModels
import Core
import Wire

/// The claims of a token of OpenID Connect, which is a JSON Web Token. Signatures are not verified.
struct WebIdentityToken {
    var issuer: String
    var subject: String
    var audiences: [String]
    var end: Timestamp?

    /// Nil for a token that is no JSON Web Token, as those of OAuth 2.0 are not.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, Self.json(parts[0])?["alg"] != nil, let claims = Self.json(parts[1]),
            let issuer = claims["iss"]?.stringValue, let subject = claims["sub"]?.stringValue
        else { return nil }
        self.issuer = issuer
        self.subject = subject
        audiences = (claims["aud"]?.arrayValue ?? [claims["aud"] ?? .null]).compactMap(\.stringValue)
        // What no calendar holds is far away.
        end = claims["exp"]?.doubleValue.map { Timestamp(milliseconds: Int64(min(max($0, 0), 1e12) * 1000)) }
    }

    /// A part in base 64 for addresses, without its padding.
    private static func json(_ part: Substring) -> JSON? {
        let plain = part.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Base64.decode(plain + padding).flatMap { try? JSON(parsing: $0) }
    }
}
