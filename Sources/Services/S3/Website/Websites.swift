import AWSModels
public import Core
import Objects
public import Wire

/// Buckets as websites, at `bucket.s3-website.…` and `bucket.s3-website-REGION.…`.
public struct Websites: Sendable {
    private let provider: S3Provider
    private let scheme: String
    private let isOpen: Bool
    private let random: any RandomSource

    /// - Parameters:
    ///   - scheme: by which the program is reached.
    ///   - isOpen: whether everybody may read everything; else only what buckets let everybody read is shown.
    public init(_ provider: S3Provider, scheme: String, isOpen: Bool, random: any RandomSource) {
        self.provider = provider
        self.scheme = scheme
        self.isOpen = isOpen
        self.random = random
    }

    public func accepts(_ request: WireRequest) -> Bool {
        // Every request is asked, and few are for websites.
        request.headers["Host"]?.hasBytes("s3-website") ?? false && BucketAddress(request)?.isWebsite ?? false
    }

    /// What pages of other origins may do with websites.
    public var crossOrigin: any CrossOriginPolicy { provider.crossOrigin }

    public func respond(to request: WireRequest) async -> WireResponse {
        let requestID = UUIDText.random(using: random)
        var response: WireResponse
        do throws(AWSError) {
            let visit = try await visit(request, requestID)
            response = try await provider.answer { try await answer(visit) }
        } catch {
            response = WebsitePage.response(error, requestID: requestID)
        }
        response.headers["x-amz-request-id"] = requestID
        response.headers["x-amz-id-2"] = RequestIDs.extended(requestID)
        response.headers["Server"] = "Millrace"
        return response
    }

    /// A request for a page of a website.
    private struct Visit {
        var bucket: String
        var website: S3.WebsiteConfiguration
        var request: WireRequest
        /// As the path says, without the slash at its beginning.
        var key: String
        var base: WebsiteBase
        var requestID: String

        var rules: RoutingRules { RoutingRules(website.routingRules) }
        var suffix: String { website.indexDocument?.suffix ?? "index.html" }
        /// The object that stands for a directory is the index document in it.
        var document: String { key.isEmpty || key.hasSuffix("/") ? key + suffix : key }
    }

    private func visit(_ request: WireRequest, _ requestID: String) async throws(AWSError) -> Visit {
        guard let bucket = BucketAddress(request)?.bucket else { throw .internalFailure("no website") }
        let website: S3.WebsiteConfiguration = try await provider.answer {
            try await provider.stored(
                .website, bucket, nil, "NoSuchWebsiteConfiguration",
                "The specified bucket does not have a website configuration")
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            throw .methodNotAllowed(request.method, "OBJECT")
        }
        guard let key = PercentCoding.decode(request.path.dropFirst()) else {
            throw AWSError("InvalidURI", "Couldn't parse the specified URI.", status: 400)
                .with("URI", .string(request.path))
        }
        return Visit(
            bucket: bucket, website: website, request: request, key: key,
            base: WebsiteBase(scheme: scheme, host: request.headers["Host"] ?? ""), requestID: requestID)
    }

    private func answer(_ visit: Visit) async throws -> WireResponse {
        if let all = visit.website.redirectAllRequestsTo {
            return Self.response(RoutingRules.redirect(all, visit.key, from: visit.base))
        }
        if let redirect = visit.rules.redirect(visit.key, failedWith: nil, from: visit.base) {
            return Self.response(redirect)
        }
        do {
            return try await page(visit.document, visit, visit.request)
        } catch {
            let error = AWSError(objects: error)
            if error.status == 304 { return WireResponse(status: 304) }
            return try await explain(error, visit)
        }
    }

    /// An object as a page, or where it says that callers should go instead.
    private func page(_ key: String, _ visit: Visit, _ request: WireRequest) async throws -> WireResponse {
        guard try await mayRead(key, visit) else { throw AWSError.s3AccessDenied }
        var read = request
        read.path = "/\(PercentCoding.encode(visit.bucket))/\(PercentCoding.encode(key))"
        read.query = ""
        let wire = ProtocolName.restXML.implementation
        let operation = S3.Operations.getObject.schema
        let input = S3.GetObjectRequest(record: try wire.decodeInput(read, operation, of: S3.model))
        let context = RequestContext(
            scope: try provider.store.bucket(visit.bucket).scope, requestID: visit.requestID,
            operation: operation.name, protocolName: .restXML, path: request.path)
        let output = try await provider.getObject(input, context)
        if let location = output.websiteRedirectLocation { return Self.response(WebsiteRedirect(location: location)) }
        return try wire.encodeOutput(output.record, operation, of: S3.model, requestID: visit.requestID)
    }

    private func mayRead(_ key: String, _ visit: Visit) async throws -> Bool {
        guard !isOpen else { return true }
        let access = try await provider.publicAccess(to: visit.bucket)
        let entry = try await provider.store.entry(try provider.key(key), in: visit.bucket)
        return access.allowsReading(key, in: visit.bucket, acl: RecordDocument.read(entry?.attributes.document("acl")))
    }

    /// What is shown where a page cannot be: another one by a rule, a directory's, the website's page for errors, or
    /// the error itself.
    private func explain(_ error: AWSError, _ visit: Visit) async throws -> WireResponse {
        // Whoever may not read is not told either what there is.
        if error.code == "NoSuchKey", visit.document == visit.key,
            try await exists("\(visit.key)/\(visit.suffix)", visit)
        {
            let path = PercentCoding.encode(visit.key, keepingSlash: true)
            return Self.response(WebsiteRedirect(status: 302, location: "/\(path)/"))
        }
        let status = error.status ?? 500
        if let redirect = visit.rules.redirect(visit.key, failedWith: status, from: visit.base) {
            return Self.response(redirect)
        }
        guard let own = visit.website.errorDocument?.key, (400..<500).contains(status) else { throw error }
        // Conditions and ranges are about the page that was asked for.
        let request = WireRequest(method: visit.request.method, path: visit.request.path)
        do {
            var response = try await page(own, visit, request)
            if response.status == 200 { response.status = status }
            return response
        } catch let second {
            return WebsitePage.response(error, whileShowing: AWSError(objects: second), requestID: visit.requestID)
        }
    }

    private func exists(_ key: String, _ visit: Visit) async throws -> Bool {
        guard let key = try? provider.key(key), let entry = try await provider.store.entry(key, in: visit.bucket) else {
            return false
        }
        return !entry.isDeleteMarker
    }

    private static func response(_ redirect: WebsiteRedirect) -> WireResponse {
        WireResponse(status: redirect.status, headers: ["Location": redirect.location])
    }
}
