import AWSModels
public import Core
import Objects
public import Wire

/// Uploads by HTML forms, S3's `POST Object`, which is no operation of the model.
public struct ObjectForms: Sendable {
    private let provider: S3Provider
    private let credentials: (any CredentialSource)?
    private let demandsSignatures: Bool
    private let random: any RandomSource

    /// - Parameters:
    ///   - credentials: the keys whose signatures are verified.
    ///   - demandsSignatures: whether forms of nobody, or of unknown keys, are turned away.
    public init(
        _ provider: S3Provider, credentials: (any CredentialSource)?, demandsSignatures: Bool, random: any RandomSource
    ) {
        self.provider = provider
        self.credentials = credentials
        self.demandsSignatures = demandsSignatures
        self.random = random
    }

    /// Whether the request is a form for a bucket.
    public func accepts(_ request: WireRequest) -> Bool {
        guard request.method == "POST", request.query.isEmpty, request.headers["X-Amz-Target"] == nil,
            let type = request.headers["Content-Type"], type.lowercased().hasPrefix("multipart/")
        else { return false }
        return BucketAddress(request).map { !$0.hasKey && !$0.isWebsite } ?? false
    }

    /// What pages of other origins may do with forms.
    public var crossOrigin: any CrossOriginPolicy { provider.crossOrigin }

    public func respond(to request: WireRequest, peer: String) async -> WireResponse {
        let requestID = UUIDText.random(using: random)
        do throws(AWSError) {
            return try await provider.answer { try await post(request, peer, requestID) }
        } catch {
            return ProtocolName.restXML.implementation.encodeError(error, of: S3.model, requestID: requestID)
        }
    }

    private func post(_ request: WireRequest, _ peer: String, _ requestID: String) async throws -> WireResponse {
        guard let name = BucketAddress(request)?.bucket else { throw AWSError.malformedXML() }
        guard var reader = FormReader(request.body, mediaType: request.headers["Content-Type"] ?? "") else {
            throw AWSError.notAForm
        }
        let form = try await reader.read()
        var fields = Dictionary(form.fields.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        fields["bucket"] = fields["bucket"] ?? name
        let policy = try checkedPolicy(fields)
        guard let file = form.file else {
            throw AWSError.invalidArgument("POST requires exactly one file upload per request.", "file", "0")
        }
        guard var key = fields["key"], !key.isEmpty else {
            throw AWSError.invalidArgument(
                "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
                "key", "")
        }
        if let fileName = form.fileName { key = key.replacing("${filename}", with: fileName) }
        let version = try await put(file, key, name, fields, policy, peer, requestID)
        let output = provider.output(version, in: try provider.bucket(name))
        return try Self.response(version, output, fields, request, requestID)
    }

    private func checkedPolicy(_ fields: [String: String]) throws -> PostPolicy? {
        guard let signature = try PostSignature(fields) else {
            guard !demandsSignatures else { throw AWSError.s3AccessDenied }
            return nil
        }
        try signature.verify(by: credentials, isDemanded: demandsSignatures)
        var policy = try PostPolicy(signature.policy)
        try policy.check(fields, now: provider.clock.now)
        return policy
    }

    private func put(
        _ file: any ByteChunkSource, _ key: String, _ name: String, _ fields: [String: String], _ policy: PostPolicy?,
        _ peer: String, _ requestID: String
    ) async throws -> ObjectVersion {
        let bucket = try provider.bucket(name)
        let input = try Self.input(fields, key, name)
        var put = PutRequest(bucket: name, key: try provider.key(key), cause: .post)
        put.requester = ObjectChange.Requester(
            account: bucket.scope.account,
            principalID: "AWS:\(CanonicalUser.principalID(of: bucket.scope.account, prefix: "AIDA"))", sourceIP: peer,
            requestID: requestID)
        put.attributes = S3Provider.attributes(input)
        var write = ObjectWrite(input)
        write.cameInHeader = false
        try await provider.fill(&put.attributes, from: write, in: bucket)
        if let document = fields["tagging"] { put.attributes.tags = try Self.tags(document) }
        let checksum = try UploadChecksum(input, named: input.checksumAlgorithm?.rawValue)
        let staged = try await provider.store.beginUpload(to: name)
        let body = ByteStream(.chunks(length: nil, file))
        let cipher = ObjectCipher(write.customerKey, put.attributes)
        put.attributes.checksums = try await provider.receive(body, into: staged, [checksum.algorithm], cipher)
        put.attributes.checksumType = "FULL_OBJECT"
        if let given = checksum.given, put.attributes.checksums.first?.value != given {
            throw AWSError.badChecksum(checksum.algorithm)
        }
        try policy?.check(size: staged.size)
        let version = try await provider.store.put(put, staged: staged)
        provider.meter(.write, bucket)
        return version
    }

    /// The fields that are header fields of a PUT.
    private static func input(_ fields: [String: String], _ key: String, _ bucket: String) throws -> S3.PutObjectRequest
    {
        let passed = ["content-type", "content-encoding", "content-disposition", "cache-control", "expires"]
        var headers = HTTPFields()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            let isPassed = name.hasPrefix("x-amz-") && name != "x-amz-signature" || passed.contains(name)
            if isPassed, !value.isEmpty { headers.append(name, value) }
        }
        if let acl = fields["acl"] { headers.append("x-amz-acl", acl) }
        let request = WireRequest(
            method: "PUT", path: "/\(PercentCoding.encode(bucket))/\(PercentCoding.encode(key))", headers: headers)
        let record = try ProtocolName.restXML.implementation.decodeInput(
            request, S3.Operations.putObject.schema, of: S3.model)
        return S3.PutObjectRequest(record: record)
    }

    /// The tags of a form are the document of PutObjectTagging.
    private static func tags(_ document: String) throws -> [ObjectAttributes.Pair] {
        let request = WireRequest(
            method: "PUT", path: "/b/k", query: "tagging", body: ByteStream(Array(document.utf8)))
        let record = try? ProtocolName.restXML.implementation.decodeInput(
            request, S3.Operations.putObjectTagging.schema, of: S3.model)
        guard let record else { throw AWSError.malformedXML() }
        let tags = S3.PutObjectTaggingRequest(record: record).tagging.tagSet
        try TagRules.check(tags, .object)
        return tags.map { .init($0.key, $0.value) }
    }

    // MARK: The answer

    private static func response(
        _ version: ObjectVersion, _ output: S3.PutObjectOutput, _ fields: [String: String], _ request: WireRequest,
        _ requestID: String
    ) throws -> WireResponse {
        let host = request.headers["Host"] ?? "127.0.0.1"
        let path = request.path.hasSuffix("/") ? request.path : request.path + "/"
        let location = "http://\(host)\(path)\(PercentCoding.encode(version.key.text))"
        // The header is that of PutObject's answer.
        var response = try ProtocolName.restXML.implementation.encodeOutput(
            output.record, S3.Operations.putObject.schema, of: S3.model, requestID: requestID)
        response.status = 204
        response.headers["Location"] = location
        if let target = fields["success_action_redirect"] ?? fields["redirect"], target.contains("://") {
            let pairs = [
                ("bucket", version.bucket), ("key", version.key.text), ("etag", version.etag.quoted),
            ].map { "\($0.0)=\(PercentCoding.encode($0.1))" }
            response.status = 303
            response.headers["Location"] = "\(target)\(target.contains("?") ? "&" : "?")\(pairs.joined(separator: "&"))"
        } else if fields["success_action_status"] == "200" {
            response.status = 200
        } else if fields["success_action_status"] == "201" {
            response.status = 201
            response.headers["Content-Type"] = "application/xml"
            response.body = ByteStream(Self.document(version, location))
        }
        return response
    }

    private static func document(_ version: ObjectVersion, _ location: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.declaration()
        writer.open("PostResponse")
        writer.element("Location", location)
        writer.element("Bucket", version.bucket)
        writer.element("Key", version.key.text)
        writer.element("ETag", version.etag.quoted)
        writer.close("PostResponse")
        return writer.bytes
    }
}
