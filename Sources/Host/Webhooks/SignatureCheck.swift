import Core
import Project
import Wire

/// Whether a webhook comes from whom it says: the senders' own schemes over HMAC.
struct SignatureCheck: Sendable {
    let signature: WebhookSignature
    /// Seconds by which a signed time may differ from now.
    static let tolerance: Int64 = 300

    /// Why the request is not believed; nil when it is.
    func objection(_ headers: HTTPFields, body: [UInt8], now: Timestamp) -> String? {
        switch signature.scheme {
        case "github": return prefixed(headers["X-Hub-Signature-256"], "sha256=", body)
        case "stripe": return stripe(headers["Stripe-Signature"], body, now)
        case "slack": return slack(headers, body, now)
        case "shopify": return base64(headers["X-Shopify-Hmac-Sha256"], body)
        case "standard-webhooks": return standard(headers, body, now)
        default: return plain(headers[signature.header ?? ""], body)
        }
    }

    private static let missing = "the signature is missing"
    private static let wrong = "the signature does not match"
    private static let stale = "the signed time is too far from now"

    private func digest(_ bytes: [UInt8], key: [UInt8]? = nil) -> [UInt8] {
        Digest.hmac(bytes, key: key ?? Array(signature.secret.utf8), .sha256)
    }

    private func prefixed(_ given: String?, _ prefix: String, _ signed: [UInt8]) -> String? {
        guard let given, given.hasPrefix(prefix) else { return Self.missing }
        return Self.equal(given.dropFirst(prefix.count), hexadecimal(digest(signed))) ? nil : Self.wrong
    }

    private func base64(_ given: String?, _ signed: [UInt8]) -> String? {
        guard let given else { return Self.missing }
        return Self.equal(given, Core.Base64.encode(digest(signed))) ? nil : Self.wrong
    }

    /// Hexadecimal or Base64, with or without `sha256=` before it.
    private func plain(_ given: String?, _ signed: [UInt8]) -> String? {
        guard let given else { return Self.missing }
        let value = given.hasPrefix("sha256=") ? given.dropFirst(7) : given[...]
        let mac = digest(signed)
        return Self.equal(value, hexadecimal(mac)) || Self.equal(value, Core.Base64.encode(mac)) ? nil : Self.wrong
    }

    /// `t=1492774577,v1=…`, over the time, a dot and the body.
    private func stripe(_ given: String?, _ body: [UInt8], _ now: Timestamp) -> String? {
        guard let given else { return Self.missing }
        let fields = given.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }.filter { $0.count == 2 }
        guard let time = fields.first(where: { $0[0] == "t" })?[1] else { return Self.missing }
        guard isCurrent(time, now) else { return Self.stale }
        let expected = hexadecimal(digest(Array("\(time).".utf8) + body))
        let isRight = fields.contains { $0[0] == "v1" && Self.equal($0[1], expected) }
        return isRight ? nil : Self.wrong
    }

    /// `v0=…`, over the version, the time and the body.
    private func slack(_ headers: HTTPFields, _ body: [UInt8], _ now: Timestamp) -> String? {
        guard let time = headers["X-Slack-Request-Timestamp"] else { return Self.missing }
        guard isCurrent(time[...], now) else { return Self.stale }
        return prefixed(headers["X-Slack-Signature"], "v0=", Array("v0:\(time):".utf8) + body)
    }

    /// The Standard Webhooks specification: identifier, time and body; the secret is Base64 after `whsec_`.
    private func standard(_ headers: HTTPFields, _ body: [UInt8], _ now: Timestamp) -> String? {
        guard let id = headers["webhook-id"], let time = headers["webhook-timestamp"],
            let given = headers["webhook-signature"]
        else { return Self.missing }
        guard isCurrent(time[...], now) else { return Self.stale }
        let text = signature.secret.hasPrefix("whsec_") ? String(signature.secret.dropFirst(6)) : signature.secret
        let key = Core.Base64.decode(text) ?? Array(signature.secret.utf8)
        let expected = Core.Base64.encode(digest(Array("\(id).\(time).".utf8) + body, key: key))
        let isRight = given.split(separator: " ").contains {
            $0.hasPrefix("v1,") && Self.equal($0.dropFirst(3), expected)
        }
        return isRight ? nil : Self.wrong
    }

    private func isCurrent(_ seconds: Substring, _ now: Timestamp) -> Bool {
        guard let time = Int64(seconds), time > 0, time < 100_000_000_000 else { return false }
        return abs(now.milliseconds / 1000 - time) <= Self.tolerance
    }

    /// Takes the same time wherever the texts differ.
    private static func equal(_ left: some StringProtocol, _ right: String) -> Bool {
        let (a, b) = (Array(left.utf8), Array(right.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
