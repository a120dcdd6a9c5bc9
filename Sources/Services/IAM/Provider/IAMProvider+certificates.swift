public import AWSModels
import Core
import Storage
public import Wire

/// Certificates for servers. Their private keys are checked and never given out again, so they are not kept.
extension IAMProvider {
    private static let certificateLimit = 20

    public func uploadServerCertificate(
        _ input: IAM.UploadServerCertificateRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.UploadServerCertificateResponse {
        var certificate = try entity(.certificate, input.serverCertificateName, path: input.path, context)
        let files = try ServerCertificateFiles(
            certificate: input.certificateBody, key: input.privateKey, chain: input.certificateChain)
        certificate["certificate"] = input.certificateBody.trimmed
        certificate["chain"] = input.certificateChain?.trimmed
        certificate.body["expiration"] = .int(files.expiration.milliseconds)
        let made = certificate
        let tags = try await write { transaction in
            try create(made, tags: input.tags, limit: Self.certificateLimit, in: transaction)
            return try shapes(ofTagsOf: made, in: transaction)
        }
        return IAM.UploadServerCertificateResponse {
            $0.serverCertificateMetadata = Self.metadata(made)
            $0.tags = tags
        }
    }

    public func getServerCertificate(
        _ input: IAM.GetServerCertificateRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetServerCertificateResponse {
        let (certificate, tags) = try await read { transaction in
            let found = try require(.certificate, input.serverCertificateName, context, in: transaction)
            return (found, try shapes(ofTagsOf: found, in: transaction))
        }
        return IAM.GetServerCertificateResponse {
            $0.serverCertificate = IAM.ServerCertificate {
                $0.serverCertificateMetadata = Self.metadata(certificate)
                $0.certificateBody = certificate["certificate"] ?? ""
                $0.certificateChain = certificate["chain"]
                $0.tags = tags
            }
        }
    }

    public func listServerCertificates(
        _ input: IAM.ListServerCertificatesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListServerCertificatesResponse {
        let page = try await entities(.certificate, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListServerCertificatesResponse {
            $0.serverCertificateMetadataList = page.items.map(Self.metadata)
            $0.isTruncated = page.last != nil
            $0.marker = page.last.map { ListToken.make($0.name) }
        }
    }

    public func updateServerCertificate(
        _ input: IAM.UpdateServerCertificateRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await rename(
            .certificate, input.serverCertificateName, to: input.newServerCertificateName, path: input.newPath,
            context)
    }

    public func deleteServerCertificate(
        _ input: IAM.DeleteServerCertificateRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            try remove(require(.certificate, input.serverCertificateName, context, in: transaction), in: transaction)
        }
    }

    // MARK: Tags

    public func tagServerCertificate(
        _ input: IAM.TagServerCertificateRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await tag(.certificate, input.serverCertificateName, input.tags, context)
    }

    public func untagServerCertificate(
        _ input: IAM.UntagServerCertificateRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await untag(.certificate, input.serverCertificateName, input.tagKeys, context)
    }

    public func listServerCertificateTags(
        _ input: IAM.ListServerCertificateTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListServerCertificateTagsResponse {
        let page = try await page(.certificate, input.serverCertificateName, input.marker, input.maxItems, context)
        return IAM.ListServerCertificateTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    private static func metadata(_ certificate: IAMEntity) -> IAM.ServerCertificateMetadata {
        IAM.ServerCertificateMetadata {
            $0.path = certificate.path
            $0.serverCertificateName = certificate.name
            $0.serverCertificateId = certificate.id
            $0.arn = certificate.arn
            $0.uploadDate = certificate.createdAt
            $0.expiration = certificate.body["expiration"]?.intValue.map { Timestamp(milliseconds: $0) }
        }
    }
}

extension String {
    /// Without the white space around it, as IAM gives certificates back.
    fileprivate var trimmed: String {
        var bytes = utf8[...]
        while let last = bytes.last, last <= 0x20 { bytes = bytes.dropLast() }
        while let first = bytes.first, first <= 0x20 { bytes = bytes.dropFirst() }
        return String(bytes) ?? ""
    }
}
