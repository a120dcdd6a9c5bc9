import Core

/// The signature that a request carries, in its header or its query, before it is verified.
public struct RequestSignature: Sendable {
    public enum Place: Sendable, Equatable {
        case header
        /// A presigned address, valid for so many seconds.
        case query(expires: Int64)
    }

    public var place: Place
    public var accessKeyID: String
    public var scope: SigningScope
    /// In small letters, as the request lists them.
    public var signedHeaders: [String]
    public var signature: String
    /// When the request was signed, such as `20261122T103103Z`.
    public var date: String
    public var sessionToken: String?

    /// The signature of a request; nil when it has none at all.
    public init?(_ request: WireRequest) throws(SignatureFailure) {
        if let header = request.headers["Authorization"] {
            guard header.hasPrefix(Self.algorithm) else {
                guard !header.hasPrefix("AWS ") else { throw .unsupportedAlgorithm }
                return nil
            }
            try self.init(header: header, request)
        } else if request.query.contains("X-Amz-") {
            guard let pairs = PercentCoding.pairs(request.query, plusIsSpace: false),
                pairs.contains(where: { $0.name == "X-Amz-Signature" || $0.name == "X-Amz-Credential" })
            else { return nil }
            try self.init(query: pairs)
        } else {
            return nil
        }
    }

    static let algorithm = "AWS4-HMAC-SHA256"

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
    private init(header: String, _ request: WireRequest) throws(SignatureFailure) {
        var parts: [String: Substring] = [:]
        for part in header.dropFirst(Self.algorithm.count).split(whereSeparator: { $0 == "," || $0 == " " }) {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { parts[String(pair[0])] = pair[1] }
        }
        guard let credential = parts["Credential"] else { throw .incomplete("Credential") }
        guard let headers = parts["SignedHeaders"] else { throw .incomplete("SignedHeaders") }
        guard let signature = parts["Signature"] else { throw .incomplete("Signature") }
        place = .header
        (accessKeyID, scope) = try Self.credential(credential)
        signedHeaders = headers.split(separator: ";").map(String.init)
        self.signature = String(signature)
        date = request.headers["x-amz-date"] ?? Self.date(request.headers["Date"]) ?? ""
        sessionToken = request.headers["x-amz-security-token"]
    }

    private init(query: [(name: String, value: String)]) throws(SignatureFailure) {
        func value(_ name: String) throws(SignatureFailure) -> String {
            guard let found = query.first(where: { $0.name == name }) else { throw .incomplete(name) }
            return found.value
        }
        guard try value("X-Amz-Algorithm") == Self.algorithm else { throw .unsupportedAlgorithm }
        (accessKeyID, scope) = try Self.credential(Substring(value("X-Amz-Credential")))
        date = try value("X-Amz-Date")
        guard let expires = Int64(try value("X-Amz-Expires")), (0...604_800).contains(expires) else {
            throw .malformed("X-Amz-Expires must be a number of seconds up to a week (604800)")
        }
        place = .query(expires: expires)
        signedHeaders = try value("X-Amz-SignedHeaders").split(separator: ";").map(String.init)
        signature = try value("X-Amz-Signature")
        sessionToken = query.first { $0.name == "X-Amz-Security-Token" }?.value
    }

    /// `KEY/20261122/us-east-1/s3/aws4_request`; the key itself may hold slashes.
    private static func credential(_ text: Substring) throws(SignatureFailure) -> (String, SigningScope) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[parts.count - 1] == "aws4_request", parts[parts.count - 4].utf8.count == 8 else {
            throw .malformed("Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request")
        }
        let key = parts[..<(parts.count - 4)].joined(separator: "/")
        let scope = SigningScope(
            date: String(parts[parts.count - 4]), region: String(parts[parts.count - 3]),
            service: String(parts[parts.count - 2]))
        return (key, scope)
    }

    private static func date(_ header: String?) -> String? {
        header.flatMap(HTTPDate.parse).map { CivilTime($0).basicISO8601 }
    }

    /// When the request was signed.
    public var time: Timestamp? { Self.time(date) }

    /// `20261122T103103Z`
    static func time(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8), let hour = number(9..<11),
            let minute = number(11..<13), let second = number(13..<15), (1...12).contains(month),
            (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).timestamp
    }
}
