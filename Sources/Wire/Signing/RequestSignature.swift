import Core

/// The signature (Version 4) that a request carries, in its header or its query, before it is verified.
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
    public var signedHeaders: [String] { signedHeaderList.split(separator: ";").map(String.init) }
    /// Taken apart only where the signature is looked at.
    private let signedHeaderList: String
    public var signature: String
    /// When the request was signed, such as `20261122T103103Z`.
    public var date: String
    public var sessionToken: String?

    /// The signature of a request; nil when it has none at all.
    public init?(_ request: WireRequest) throws(SignatureFailure) {
        if let header = request.headers["Authorization"] {
            guard header.hasPrefix(Self.algorithm) else { return nil }
            try self.init(header: header, request)
        } else if request.query.hasBytes("X-Amz-") {
            guard let pairs = PercentCoding.pairs(request.query, plusIsSpace: false),
                pairs.contains(where: { Self.parameters.contains($0.name) })
            else { return nil }
            try self.init(query: pairs)
        } else {
            return nil
        }
    }

    static let algorithm = "AWS4-HMAC-SHA256"
    /// Each of them makes a request a presigned one.
    private static let parameters: Set<String> = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"]

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
    private init(header: String, _ request: WireRequest) throws(SignatureFailure) {
        let parts = HeaderParts(header)
        guard let credential = parts.credential else { throw .incomplete("Credential") }
        guard let headers = parts.signedHeaders else { throw .incomplete("SignedHeaders") }
        guard let signature = parts.signature else { throw .incomplete("Signature") }
        place = .header
        guard let (key, scope) = Self.credential(credential) else { throw .malformedCredential }
        (accessKeyID, self.scope) = (key, scope)
        signedHeaderList = headers
        self.signature = signature
        date = request.headers["x-amz-date"] ?? Self.date(request.headers["Date"]) ?? ""
        sessionToken = request.headers["x-amz-security-token"]
    }

    /// What the header is made of. Found by bytes: characters cost ten times as much, and every request comes by.
    private struct HeaderParts {
        var credential: String?
        var signedHeaders: String?
        var signature: String?

        init(_ header: String) {
            var header = header
            header.withUTF8 { bytes in
                var rest = bytes[min(RequestSignature.algorithm.utf8.count, bytes.count)...]
                while let start = rest.firstIndex(where: { !Self.isSeparator($0) }) {
                    let end = rest[start...].firstIndex(where: Self.isSeparator) ?? rest.endIndex
                    if let equals = rest[start..<end].firstIndex(of: UInt8(ascii: "=")), equals + 1 < end {
                        take(rest[start..<equals], rest[(equals + 1)..<end])
                    }
                    rest = rest[end...]
                }
            }
        }

        private static func isSeparator(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ")
        }

        private mutating func take(
            _ name: Slice<UnsafeBufferPointer<UInt8>>, _ value: Slice<UnsafeBufferPointer<UInt8>>
        ) {
            func text() -> String { String(decoding: value, as: UTF8.self) }
            if name.elementsEqual("Credential".utf8) {
                credential = text()
            } else if name.elementsEqual("SignedHeaders".utf8) {
                signedHeaders = text()
            } else if name.elementsEqual("Signature".utf8) {
                signature = text()
            }
        }
    }

    private init(query: [(name: String, value: String)]) throws(SignatureFailure) {
        func value(_ name: String) throws(SignatureFailure) -> String {
            guard let found = query.first(where: { $0.name == name }) else { throw .incompleteQuery(name) }
            return found.value
        }
        let algorithm = try value("X-Amz-Algorithm")
        let credential = try value("X-Amz-Credential")
        signature = try value("X-Amz-Signature")
        date = try value("X-Amz-Date")
        signedHeaderList = try value("X-Amz-SignedHeaders")
        let seconds = try value("X-Amz-Expires")
        guard algorithm == Self.algorithm else {
            throw .malformedQuery("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
        }
        guard let (key, scope) = Self.credential(credential) else { throw .malformedQueryCredential }
        (accessKeyID, self.scope) = (key, scope)
        let expires = try Self.expiry(seconds)
        place = .query(expires: expires)
        sessionToken = query.first { $0.name == "X-Amz-Security-Token" }?.value
    }

    /// How many seconds an address is valid.
    private static func expiry(_ text: String) throws(SignatureFailure) -> Int64 {
        guard let seconds = Int64(text) else { throw .malformedQuery("X-Amz-Expires should be a number") }
        guard seconds >= 0 else { throw .malformedQuery("X-Amz-Expires must be non-negative") }
        guard seconds <= 604_800 else {
            throw .malformedQuery(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
            )
        }
        return seconds
    }

    /// `KEY/20261122/us-east-1/s3/aws4_request`; the key itself may hold slashes.
    private static func credential(_ text: String) -> (String, SigningScope)? {
        var text = text
        return text.withUTF8 { bytes in
            // From the end: terminator, service, region, date.
            var rest = bytes[...]
            func next() -> Slice<UnsafeBufferPointer<UInt8>>? {
                guard let slash = rest.lastIndex(of: UInt8(ascii: "/")) else { return nil }
                defer { rest = rest[..<slash] }
                return rest[(slash + 1)...]
            }
            guard let terminator = next(), terminator.elementsEqual("aws4_request".utf8), let service = next(),
                let region = next(), let date = next(), date.count == 8
            else { return nil }
            func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String { String(decoding: bytes, as: UTF8.self) }
            return (text(rest), SigningScope(date: text(date), region: text(region), service: text(service)))
        }
    }

    private static func date(_ header: String?) -> String? {
        header.flatMap(HTTPDate.parse).map { CivilTime($0).basicISO8601 }
    }

    public var isPresigned: Bool { place != .header }

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
