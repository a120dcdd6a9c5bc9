import Core
import Wire

/// What a provider of identities says about itself in SAML 2.0.
struct SAMLMetadata {
    /// By which its assertions name it.
    var issuer: String
    /// Nil when it ends never.
    var validUntil: Timestamp?

    init(_ document: String) throws(AWSError) {
        let failure = AWSError("InvalidInput", "Could not parse metadata", status: 400)
        guard let root = try? XMLReader.parse(Array(document.utf8)), root.name == "EntityDescriptor",
            let issuer = root["entityID"], !issuer.isEmpty, let role = root.first("IDPSSODescriptor")
        else { throw failure }
        self.issuer = issuer
        for text in [root["validUntil"], role["validUntil"]].compactMap(\.self) {
            guard let time = Timestamp(rfc3339: text) else { throw failure }
            validUntil = min(time, validUntil ?? time)
        }
    }
}

extension XMLElement {
    subscript(attribute: String) -> String? { attributes.first { $0.name == attribute }?.value }
}
