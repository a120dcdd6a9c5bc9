/// What `x-amz-content-sha256` says of a body.
public enum PayloadHash: Sendable, Equatable {
    case digest(String)
    case unsigned
    /// Chunks, each with a signature.
    case signedChunks(trailer: Bool)
    /// Chunks without signatures, with a checksum behind them.
    case unsignedChunks

    public init(_ text: String) {
        switch text {
        case "UNSIGNED-PAYLOAD": self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .signedChunks(trailer: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .signedChunks(trailer: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .unsignedChunks
        default: self = .digest(text)
        }
    }

    public var text: String {
        switch self {
        case .digest(let text): text
        case .unsigned: "UNSIGNED-PAYLOAD"
        case .signedChunks(let trailer):
            trailer ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        case .unsignedChunks: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        }
    }

    /// Whether the body is written in chunks of `aws-chunked`.
    public var isChunked: Bool {
        switch self {
        case .signedChunks, .unsignedChunks: true
        case .digest, .unsigned: false
        }
    }
}
