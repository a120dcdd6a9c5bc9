import AWSModels
import Core
import Functions
import Wire

/// The address at which a function or alias answers HTTP requests itself.
struct FunctionURL: Hashable, Sendable {
    /// The first label of its host name: 32 letters and digits.
    var id: String
    var authType: String
    /// `BUFFERED` or `RESPONSE_STREAM`; nil when never given, which means the former.
    var invokeMode: String?
    var cors: JSON?
    var createdAt: Timestamp
    var modifiedAt: Timestamp

    var streams: Bool { invokeMode == "RESPONSE_STREAM" }

    init(id: String, authType: String, invokeMode: String?, cors: JSON?, at time: Timestamp) {
        self.id = id
        self.authType = authType
        self.invokeMode = invokeMode
        self.cors = cors
        createdAt = time
        modifiedAt = time
    }

    init?(_ document: JSON) {
        guard let id = document["id"]?.stringValue else { return nil }
        self.id = id
        authType = document["authType"]?.stringValue ?? "NONE"
        invokeMode = document["invokeMode"]?.stringValue
        cors = document["cors"]
        createdAt = Timestamp(milliseconds: document["createdAt"]?.intValue ?? 0)
        modifiedAt = Timestamp(milliseconds: document["modifiedAt"]?.intValue ?? 0)
    }

    var document: JSON {
        var document: JSON = [
            "id": .string(id), "authType": .string(authType), "createdAt": .int(createdAt.milliseconds),
            "modifiedAt": .int(modifiedAt.milliseconds),
        ]
        document["invokeMode"] = invokeMode.map(JSON.string)
        document["cors"] = cors
        return document
    }

    static func makeID(_ random: some RandomSource) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var generator = SeededRandom(seed: random.nextUInt64())
        return String(decoding: (0..<32).map { _ in alphabet[Int(generator.next() >> 59)] }, as: UTF8.self)
    }

    /// The address as the caller can reach it: a host name of its own where the caller used a name, a path where the
    /// caller used an IP address, which has no subdomains.
    func address(region: String, endpoint: String) -> String {
        let parts = endpoint.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        let scheme = parts.first ?? "http:"
        let host = parts.count > 1 ? String(parts[1]) : "127.0.0.1"
        if Self.isAddress(host) { return "\(scheme)//\(host)\(FunctionURLRoute.pathPrefix)\(id)/" }
        return "\(scheme)//\(id).lambda-url.\(region).\(host)/"
    }

    private static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("[") { return true }
        let name = host.prefix { $0 != ":" }
        return name == "localhost" || name.allSatisfy { $0.isNumber || $0 == "." }
    }
}

/// What a browser may do with a function's answers from pages of other origins.
struct CORSRules {
    var allowsCredentials: Bool
    var headers: [String]
    var methods: [String]
    var origins: [String]
    var exposedHeaders: [String]
    var maximumAge: Int?

    init(_ document: JSON) {
        func texts(_ name: String) -> [String] { document[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        allowsCredentials = document["AllowCredentials"]?.boolValue ?? false
        headers = texts("AllowHeaders")
        methods = texts("AllowMethods")
        origins = texts("AllowOrigins")
        exposedHeaders = texts("ExposeHeaders")
        maximumAge = document["MaxAge"]?.intValue.flatMap { Int(exactly: $0) }
    }

    private func allows(_ origin: String) -> Bool {
        origins.contains { pattern in
            if pattern == "*" || pattern == origin { return true }
            let halves = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
            return halves.count == 2 && origin.hasPrefix(halves[0]) && origin.hasSuffix(halves[1])
                && origin.utf8.count >= pattern.utf8.count - 1
        }
    }

    /// The fields that every answer to a page of that origin carries.
    func fields(origin: String) -> [(name: String, value: String)] {
        guard allows(origin) else { return [] }
        var fields = [("access-control-allow-origin", origins.contains("*") && !allowsCredentials ? "*" : origin)]
        if allowsCredentials { fields.append(("access-control-allow-credentials", "true")) }
        if !exposedHeaders.isEmpty {
            fields.append(("access-control-expose-headers", exposedHeaders.joined(separator: ",")))
        }
        return fields
    }

    /// The fields of the answer to a browser's question before the request itself.
    func preflightFields(origin: String) -> [(name: String, value: String)] {
        var fields = fields(origin: origin)
        guard !fields.isEmpty else { return [] }
        if !methods.isEmpty { fields.append(("access-control-allow-methods", methods.joined(separator: ","))) }
        if !headers.isEmpty { fields.append(("access-control-allow-headers", headers.joined(separator: ","))) }
        if let maximumAge { fields.append(("access-control-max-age", "\(maximumAge)")) }
        return fields
    }
}
