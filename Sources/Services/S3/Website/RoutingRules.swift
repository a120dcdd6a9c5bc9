import AWSModels
import Wire

/// Where a website sends a caller on.
struct WebsiteRedirect: Equatable {
    var status = 301
    var location: String
}

/// The redirections that a website is configured to make.
struct RoutingRules {
    private let rules: [S3.RoutingRule]

    init(_ rules: [S3.RoutingRule]?) { self.rules = rules ?? [] }

    /// By the first rule that fits; rules with an error code fit only what failed with it.
    ///
    /// - Parameter base: scheme and host of the request.
    func redirect(_ key: String, failedWith status: Int?, from base: WebsiteBase) -> WebsiteRedirect? {
        let rule = rules.first { rule in
            let code = rule.condition?.httpErrorCodeReturnedEquals
            guard code == nil ? status == nil : code == status.map(String.init) else { return false }
            return key.hasPrefix(rule.condition?.keyPrefixEquals ?? "")
        }
        return rule.map { Self.redirect($0, key, base) }
    }

    private static func redirect(_ rule: S3.RoutingRule, _ key: String, _ base: WebsiteBase) -> WebsiteRedirect {
        let redirect = rule.redirect
        var target = key
        if let whole = redirect.replaceKeyWith {
            target = whole
        } else if let prefix = redirect.replaceKeyPrefixWith {
            target = prefix + key.dropFirst((rule.condition?.keyPrefixEquals ?? "").count)
        }
        var base = base
        if let name = redirect.protocol?.rawValue { base.scheme = name }
        if let host = redirect.hostName { base.host = host }
        return WebsiteRedirect(
            status: redirect.httpRedirectCode.flatMap { Int($0) } ?? 301, location: base.address(of: target))
    }

    /// A website that is elsewhere as a whole.
    static func redirect(_ all: S3.RedirectAllRequestsTo, _ key: String, from base: WebsiteBase) -> WebsiteRedirect {
        WebsiteRedirect(
            location: WebsiteBase(scheme: all.protocol?.rawValue ?? base.scheme, host: all.hostName).address(of: key))
    }
}

/// Scheme and host of an address.
struct WebsiteBase {
    var scheme: String
    var host: String

    func address(of key: String) -> String {
        "\(scheme)://\(host)/\(PercentCoding.encode(key, keepingSlash: true))"
    }
}
