import AWSModels
import Core
import Wire

/// What a response of SAML 2.0 says about its subject. Signatures are not verified: nobody is trusted because of them.
struct SAMLAssertion {
    static let attributePrefix = "https://aws.amazon.com/SAML/Attributes/"
    private static let formatPrefix = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
    private static let unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

    var issuer: String
    var subject: String
    var subjectType: String
    /// Whom the confirmation of the subject is meant for.
    var recipient: String
    var issuedAt: Timestamp?
    /// The first instant at which it no longer counts.
    var end: Timestamp?
    /// The instant at which the session with the provider ends.
    var sessionEnd: Timestamp?
    /// Values by the names of the attributes.
    private var attributes: [String: [String]] = [:]

    /// - Parameter text: the response in base 64.
    init(_ text: String) throws(AWSError) {
        guard let bytes = Base64.decode(text.filter { !$0.isWhitespace }) else {
            throw Self.invalid("Invalid base64 SAMLResponse")
        }
        guard let response = try? XMLReader.parse(bytes), response.name == "Response" else {
            throw Self.invalid("Response did not contain a valid SAML assertion")
        }
        let status = response.first("Status")?.first("StatusCode")?["Value"]
        guard status?.hasSuffix(":Success") ?? true else {
            throw STS.Errors.idpRejectedClaimException("The identity provider reported that authentication failed.")
        }
        guard let assertion = response.first("Assertion"), let issuer = assertion.first("Issuer")?.value,
            let subject = assertion.first("Subject"), let name = subject.first("NameID")
        else { throw Self.invalid("Response did not contain a valid SAML assertion") }
        self.issuer = issuer
        self.subject = name.value
        let format = name["Format"] ?? Self.unspecified
        subjectType = format.hasPrefix(Self.formatPrefix) ? String(format.dropFirst(Self.formatPrefix.count)) : format
        let confirmation = subject.first("SubjectConfirmation")?.first("SubjectConfirmationData")
        guard let recipient = confirmation?["Recipient"] else {
            throw Self.invalid("Response does not contain the required audience")
        }
        self.recipient = recipient
        issuedAt = try Self.time(assertion["IssueInstant"])
        let ends = [assertion.first("Conditions")?["NotOnOrAfter"], confirmation?["NotOnOrAfter"]]
        for text in ends {
            guard let time = try Self.time(text) else { continue }
            end = min(time, end ?? time)
        }
        sessionEnd = try Self.time(assertion.first("AuthnStatement")?["SessionNotOnOrAfter"])
        for attribute in assertion.children.filter({ $0.name == "AttributeStatement" }).flatMap(\.children) {
            guard attribute.name == "Attribute", let name = attribute["Name"] else { continue }
            attributes[name, default: []] += attribute.children.filter { $0.name == "AttributeValue" }.map(\.value)
        }
    }

    static func invalid(_ message: String) -> AWSError { STS.Errors.invalidIdentityTokenException(message) }

    private static func time(_ text: String?) throws(AWSError) -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw invalid("Response did not contain a valid SAML assertion")
        }
        return time
    }

    // MARK: AWS's attributes

    subscript(attribute: String) -> [String] { attributes[Self.attributePrefix + attribute] ?? [] }

    /// Whether the subject may have the role through the provider: their names stand together, in either order.
    func grants(_ role: String, through provider: String) -> Bool {
        self["Role"].contains { pair in
            let names = pair.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            return names == [role, provider] || names == [provider, role]
        }
    }

    func sessionName() throws(AWSError) -> String {
        guard let name = self["RoleSessionName"].first, !name.isEmpty else {
            throw Self.invalid("RoleSessionName is required in AuthnResponse")
        }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "_+=,.@-".utf8.contains(byte)
            }
        }
        guard isName, (2...64).contains(name.utf8.count) else {
            throw Self.invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
        }
        return name
    }

    /// Seconds.
    func sessionDuration() throws(AWSError) -> Int? {
        guard let text = self["SessionDuration"].first else { return nil }
        guard let seconds = Int(text), (900...43_200).contains(seconds) else {
            throw Self.invalid("SessionDuration in AuthnResponse must be between 900 and 43200 seconds")
        }
        return seconds
    }

    /// The keys of the session's tags.
    var tagKeys: [String] {
        let prefix = Self.attributePrefix + "PrincipalTag:"
        return attributes.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }
}

extension XMLElement {
    /// The text without the white space around it.
    fileprivate var value: String {
        var text = text[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
