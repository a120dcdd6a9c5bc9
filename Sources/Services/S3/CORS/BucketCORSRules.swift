import AWSModels
import Wire

/// A page's request as rules of a bucket see it.
struct CrossOriginRequest {
    var origin: String
    var method: String
    /// In small letters.
    var headers: [String]

    /// Nil when no page of another origin makes the request.
    init?(_ request: WireRequest) {
        guard let origin = request.headers["Origin"] else { return nil }
        self.origin = origin
        method = request.headers["Access-Control-Request-Method"] ?? request.method
        headers = (request.headers["Access-Control-Request-Headers"] ?? "").split(separator: ",").map { name in
            name.filter { $0 != " " && $0 != "\t" }.lowercased()
        }.filter { !$0.isEmpty }
    }
}

/// The rules of a bucket for requests of other origins: the first that fits counts.
struct BucketCORSRules {
    private let rules: [S3.CORSRule]

    init(_ configuration: S3.CORSConfiguration) { rules = configuration.corsRules }

    /// The header fields of the answer; nil when no rule fits.
    func headers(for request: CrossOriginRequest) -> [(name: String, value: String)]? {
        for rule in rules where rule.allowedMethods.contains(request.method) {
            guard let origin = rule.allowedOrigins.first(where: { Self.matches($0, request.origin) }),
                request.headers.allSatisfy({ header in
                    (rule.allowedHeaders ?? []).contains { Self.matches($0.lowercased(), header) }
                })
            else { continue }
            return Self.headers(rule, request, isForAll: origin == "*")
        }
        return nil
    }

    private static func headers(
        _ rule: S3.CORSRule, _ request: CrossOriginRequest, isForAll: Bool
    ) -> [(name: String, value: String)] {
        var fields = [
            (name: "Access-Control-Allow-Origin", value: isForAll ? "*" : request.origin),
            (name: "Access-Control-Allow-Methods", value: rule.allowedMethods.joined(separator: ", ")),
        ]
        if !request.headers.isEmpty {
            fields.append(("Access-Control-Allow-Headers", request.headers.joined(separator: ", ")))
        }
        if let exposed = rule.exposeHeaders, !exposed.isEmpty {
            fields.append(("Access-Control-Expose-Headers", exposed.joined(separator: ", ")))
        }
        if let age = rule.maxAgeSeconds { fields.append(("Access-Control-Max-Age", String(age))) }
        if !isForAll { fields.append(("Access-Control-Allow-Credentials", "true")) }
        fields.append(("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"))
        return fields
    }

    /// A pattern may have one `*`, which stands for anything.
    private static func matches(_ pattern: String, _ text: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return pattern == text }
        let (start, end) = (pattern[..<star], pattern[pattern.index(after: star)...])
        return text.utf8.count >= start.utf8.count + end.utf8.count && text.hasPrefix(start) && text.hasSuffix(end)
    }
}
