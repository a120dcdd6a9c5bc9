public import AWSModels
import Core
import Messaging
public import Wire

extension SNSProvider {
    private static let platforms: Set<String> = [
        "ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "Baidu", "FCM", "GCM", "MACOS",
        "MACOS_SANDBOX", "MPNS", "WNS",
    ]

    // MARK: Applications

    public func createPlatformApplication(
        _ input: SNS.CreatePlatformApplicationInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.CreatePlatformApplicationResponse {
        try Self.validate(applicationName: input.name)
        guard Self.platforms.contains(input.platform) else {
            throw Self.invalid("Platform Reason: \(input.platform) is not supported")
        }
        var attributes = input.attributes
        guard !attributes.isEmpty else { throw Self.missing("attributes") }
        try Self.requirePair(attributes)
        // Credentials are not kept: nothing here would use them.
        attributes["PlatformPrincipal"] = nil
        attributes["PlatformCredential"] = nil
        attributes["Enabled"] = attributes["Enabled"] ?? "true"
        let arn = context.scope.arn("sns", "app/\(input.platform)/\(input.name)").description
        try await save(.platformApplication, arn, attributes, context)
        return SNS.CreatePlatformApplicationResponse { $0.platformApplicationArn = arn }
    }

    private static func validate(applicationName name: String) throws(AWSError) {
        if name.isEmpty { throw invalid("\(name) Reason: cannot be empty") }
        if name.utf8.count > 256 { throw invalid("\(name) Reason: must be at most 256 characters long") }
        let isProper = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
        }
        guard isProper else {
            throw invalid("\(name) Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'")
        }
    }

    private static func requirePair(_ attributes: [String: String]) throws(AWSError) {
        let (credential, principal) = (attributes["PlatformCredential"], attributes["PlatformPrincipal"])
        if credential != nil, principal == nil {
            throw invalid("Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal")
        }
        if principal != nil, credential == nil {
            throw invalid("Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential")
        }
    }

    private func application(
        _ arn: String, _ context: RequestContext
    ) async throws(AWSError) -> TopicSettings.Entry {
        let scope = context.scope
        guard let entry = try await read({ try settings.entry(.platformApplication, arn, scope, in: $0) }) else {
            throw SNS.Errors.notFoundException("PlatformApplication does not exist")
        }
        return entry
    }

    private static func requireApplicationARN(_ arn: String) throws(AWSError) {
        guard ARN(arn) != nil else { throw malformed(arn, "PlatformApplicationArn") }
    }

    public func deletePlatformApplication(
        _ input: SNS.DeletePlatformApplicationInput, _ context: RequestContext
    ) async throws(AWSError) {
        let (arn, scope) = (input.platformApplicationArn, context.scope)
        try await write { transaction in
            try settings.delete(.platformApplication, arn, scope, in: transaction)
            for endpoint in try settings.entries(
                .platformEndpoint, prefix: Self.endpointPrefix(arn), scope, in: transaction)
            {
                try settings.delete(.platformEndpoint, endpoint.name, scope, in: transaction)
            }
        }
    }

    public func listPlatformApplications(
        _ input: SNS.ListPlatformApplicationsInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListPlatformApplicationsResponse {
        let scope = context.scope
        let all = try await read { try settings.entries(.platformApplication, scope, in: $0) }
        let (page, next) = try Self.page(all, after: input.nextToken) { $0.name }
        return SNS.ListPlatformApplicationsResponse {
            $0.platformApplications = page.map { entry in
                SNS.PlatformApplication {
                    $0.platformApplicationArn = entry.name
                    $0.attributes = entry.attributes
                }
            }
            $0.nextToken = next
        }
    }

    public func getPlatformApplicationAttributes(
        _ input: SNS.GetPlatformApplicationAttributesInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.GetPlatformApplicationAttributesResponse {
        try Self.requireApplicationARN(input.platformApplicationArn)
        let entry = try await application(input.platformApplicationArn, context)
        return SNS.GetPlatformApplicationAttributesResponse { $0.attributes = entry.attributes }
    }

    public func setPlatformApplicationAttributes(
        _ input: SNS.SetPlatformApplicationAttributesInput, _ context: RequestContext
    ) async throws(AWSError) {
        try Self.requireApplicationARN(input.platformApplicationArn)
        guard !input.attributes.isEmpty else { throw Self.missing("attributes") }
        let entry = try await application(input.platformApplicationArn, context)
        var changes = input.attributes
        changes["PlatformPrincipal"] = nil
        changes["PlatformCredential"] = nil
        try await save(.platformApplication, entry.name, entry.attributes.merging(changes) { $1 }, context)
    }

    // MARK: Endpoints

    /// `…:app/GCM/name` has endpoints `…:endpoint/GCM/name/…`.
    private static func endpointPrefix(_ application: String) -> String {
        let parts = application.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6 else { return application }
        return parts[..<5].joined(separator: ":") + ":endpoint/" + parts[5].dropFirst(4) + "/"
    }

    public func createPlatformEndpoint(
        _ input: SNS.CreatePlatformEndpointInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.CreateEndpointResponse {
        let application = try await application(input.platformApplicationArn, context)
        var attributes = input.attributes ?? [:]
        try Self.validate(endpointAttributes: attributes)
        if let data = input.customUserData, attributes["CustomUserData"] == nil { attributes["CustomUserData"] = data }
        attributes["Enabled"] = attributes["Enabled"] ?? "true"
        attributes["Token"] = attributes["Token"] ?? input.token
        let prefix = Self.endpointPrefix(application.name)
        let scope = context.scope
        let existing = try await read {
            try settings.entries(.platformEndpoint, prefix: prefix, scope, in: $0)
        }.first { $0.attributes["Token"] == attributes["Token"] }
        if let existing {
            guard existing.attributes == attributes else {
                throw Self.invalid(
                    "Token Reason: Endpoint \(existing.name) already exists with the same Token, but different "
                        + "attributes.")
            }
            return SNS.CreateEndpointResponse { $0.endpointArn = existing.name }
        }
        let arn = prefix + UUIDText.random(using: random)
        try await save(.platformEndpoint, arn, attributes, context)
        return SNS.CreateEndpointResponse { $0.endpointArn = arn }
    }

    private static func validate(endpointAttributes attributes: [String: String]) throws(AWSError) {
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            guard ["CustomUserData", "Enabled", "Token"].contains(name) else {
                throw invalid("Attributes Reason: Invalid attribute name: \(name)")
            }
            if name == "CustomUserData", value.utf8.count > 2048 {
                throw invalid(
                    "Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 bytes long "
                        + "in UTF-8 encoding")
            }
        }
    }

    private func endpoint(_ arn: String, _ context: RequestContext) async throws(AWSError) -> TopicSettings.Entry {
        guard let parsed = ARN(arn) else { throw Self.malformed(arn, "EndpointArn") }
        guard parsed.resource.split(separator: "/").count == 4 else {
            throw Self.invalid("EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.")
        }
        let scope = context.scope
        guard let entry = try await read({ try settings.entry(.platformEndpoint, arn, scope, in: $0) }) else {
            throw SNS.Errors.notFoundException("Endpoint does not exist")
        }
        return entry
    }

    func requireEnabledEndpoint(_ arn: String, _ context: RequestContext) async throws(AWSError) {
        guard ARN(arn) != nil else { throw Self.malformed(arn, "TargetArn") }
        let scope = context.scope
        guard let entry = try await read({ try settings.entry(.platformEndpoint, arn, scope, in: $0) }) else {
            throw Self.invalid("TargetArn Reason: No endpoint found for the target arn specified")
        }
        guard entry.attributes["Enabled"]?.lowercased() == "true" else {
            throw SNS.Errors.endpointDisabledException("Endpoint is disabled")
        }
    }

    public func deleteEndpoint(_ input: SNS.DeleteEndpointInput, _ context: RequestContext) async throws(AWSError) {
        let (arn, scope) = (input.endpointArn, context.scope)
        try await write { try settings.delete(.platformEndpoint, arn, scope, in: $0) }
    }

    public func listEndpointsByPlatformApplication(
        _ input: SNS.ListEndpointsByPlatformApplicationInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListEndpointsByPlatformApplicationResponse {
        let application = try await application(input.platformApplicationArn, context)
        let scope = context.scope
        let all = try await read {
            try settings.entries(.platformEndpoint, prefix: Self.endpointPrefix(application.name), scope, in: $0)
        }
        let (page, next) = try Self.page(all, after: input.nextToken) { $0.name }
        return SNS.ListEndpointsByPlatformApplicationResponse {
            $0.endpoints = page.map { entry in
                SNS.Endpoint {
                    $0.endpointArn = entry.name
                    $0.attributes = entry.attributes
                }
            }
            $0.nextToken = next
        }
    }

    public func getEndpointAttributes(
        _ input: SNS.GetEndpointAttributesInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.GetEndpointAttributesResponse {
        let entry = try await endpoint(input.endpointArn, context)
        return SNS.GetEndpointAttributesResponse { $0.attributes = entry.attributes }
    }

    public func setEndpointAttributes(
        _ input: SNS.SetEndpointAttributesInput, _ context: RequestContext
    ) async throws(AWSError) {
        let changes = input.attributes
        guard !changes.isEmpty else { throw Self.missing("attributes") }
        let entry = try await endpoint(input.endpointArn, context)
        try Self.validate(endpointAttributes: changes)
        try await save(.platformEndpoint, entry.name, entry.attributes.merging(changes) { $1 }, context)
    }

    func save(
        _ kind: TopicSettings.Kind, _ name: String, _ attributes: [String: String], _ context: RequestContext
    ) async throws(AWSError) {
        let (scope, id) = (context.scope, identifiers.next())
        try await write {
            try settings.save(kind, TopicSettings.Entry(name: name, attributes: attributes), id: id, scope, in: $0)
        }
    }
}
