import Core
import Wire

/// Compresses answers for callers who ask for it: documents of some size, never objects.
enum ResponseCompression {
    /// Smaller ones do not gain.
    private static let threshold = 1_024

    private static func accepts(_ request: WireRequest) -> Bool {
        request.headers["Accept-Encoding"]?.split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { $0.drop { $0 == " " } }
            return parts.first == "gzip" && !parts.dropFirst().contains("q=0")
        } ?? false
    }

    static func apply(to response: WireResponse, for request: WireRequest) -> WireResponse {
        guard case .bytes(let bytes) = response.body.source, bytes.count >= threshold, accepts(request),
            let type = response.headers["Content-Type"], isDocument(type), response.headers["ETag"] == nil,
            response.headers["Content-Encoding"] == nil, let compressed = Gzip.compress(bytes)
        else { return response }
        var response = response
        response.body = ByteStream(compressed)
        response.headers["Content-Encoding"] = "gzip"
        response.headers.append("Vary", "Accept-Encoding")
        return response
    }

    private static func isDocument(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.contains("json") || type.contains("xml")
    }
}
