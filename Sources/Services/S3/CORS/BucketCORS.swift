import AWSModels
import Core
import Objects
public import Wire

/// Lets pages of other origins do what the CORS configuration of the bucket says.
public struct BucketCORS: CrossOriginPolicy {
    private let store: ObjectStore

    init(_ store: ObjectStore) { self.store = store }

    /// The rules of the bucket; nil when it has none.
    private func rules(_ bucket: String) async -> BucketCORSRules? {
        guard let text = try? await store.document(.cors, of: bucket) else { return nil }
        return RecordDocument.read(text, as: S3.CORSConfiguration.self).map { BucketCORSRules($0) }
    }

    /// Browsers ask before every other method, and keep what they read from the page unless it is allowed; but they
    /// send forms without asking.
    public func admits(_ request: WireRequest) async -> Bool {
        if request.method != "POST" { return true }
        return !(await headers(for: request)).isEmpty
    }

    public func headers(for request: WireRequest) async -> [(name: String, value: String)] {
        guard let page = CrossOriginRequest(request), let address = BucketAddress(request),
            let rules = await rules(address.bucket)
        else { return [] }
        return rules.headers(for: page) ?? []
    }

    public func preflight(_ request: WireRequest, requestID: String) async -> WireResponse {
        do throws(AWSError) {
            var response = WireResponse(status: 200)
            response.headers.all = try await answer(request)
            response.headers["x-amz-request-id"] = requestID
            response.headers["x-amz-id-2"] = RequestIDs.extended(requestID)
            response.headers["Server"] = "Millrace"
            return response
        } catch {
            var response = ProtocolName.restXML.implementation.encodeError(error, of: S3.model, requestID: requestID)
            // S3 writes these without saying how long they are.
            response.body = ByteStream(.chunks(length: nil, response.body.chunks()))
            return response
        }
    }

    private func answer(_ request: WireRequest) async throws(AWSError) -> [(name: String, value: String)] {
        guard let page = CrossOriginRequest(request), let address = BucketAddress(request) else {
            throw AWSError(
                "BadRequest", "Insufficient information. Origin request header needed.", status: 400
            ).withHeader("Connection", "close")
        }
        guard (try? store.bucket(address.bucket)) != nil else {
            throw Self.forbidden("Bucket not found", page, "BUCKET")
        }
        guard let rules = await rules(address.bucket) else {
            throw Self.forbidden("CORS is not enabled for this bucket.", page, "BUCKET")
        }
        guard let method = request.headers["Access-Control-Request-Method"], Self.methods.contains(method) else {
            let method = request.headers["Access-Control-Request-Method"] ?? "null"
            throw AWSError("BadRequest", "Invalid Access-Control-Request-Method: \(method)", status: 400)
                .withHeader("Connection", "close")
        }
        guard let headers = rules.headers(for: page) else {
            throw Self.forbidden(
                "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
                page, address.hasKey ? "OBJECT" : "BUCKET")
        }
        return headers
    }

    private static let methods: Set<String> = ["GET", "PUT", "POST", "DELETE", "HEAD"]

    private static func forbidden(_ reason: String, _ page: CrossOriginRequest, _ resource: String) -> AWSError {
        AWSError("AccessForbidden", "CORSResponse: \(reason)", status: 403)
            .with("Method", .string(page.method)).with("ResourceType", .string(resource))
    }
}
