/// What a service lets web pages of other origins do (the Fetch standard's CORS protocol).
///
/// Requests come as they were received, or with the bucket of a virtual host in their path.
public protocol CrossOriginPolicy: Sendable {
    /// Whether a request that a page of another origin makes may be answered at all.
    func admits(_ request: WireRequest) async -> Bool

    /// The header fields by which the browser lets the page read the answer; empty when it may not.
    func headers(for request: WireRequest) async -> [(name: String, value: String)]

    /// The answer to the question by which a browser precedes a request.
    func preflight(_ request: WireRequest, requestID: String) async -> WireResponse
}
