import AWSModels
import Core
import Functions
import Storage
import Wire

/// What tags belong to, by its ARN.
private enum TaggedResource {
    case function(FunctionName)
    case mapping(id: String)
    case codeSigning(arn: String)

    init(_ text: String, _ context: RequestContext) throws(AWSError) {
        guard let arn = ARN(text) else { throw LambdaError.notFound("Resource not found: \(text)") }
        let parts = arn.resource.split(separator: ":").map(String.init)
        switch parts.first {
        case "event-source-mapping" where parts.count == 2: self = .mapping(id: parts[1])
        case "code-signing-config": self = .codeSigning(arn: text)
        case "capacity-provider": throw LambdaError.notFound("Capacity provider not found: \(text)")
        default:
            let name = try FunctionName(text, nil, context)
            guard name.qualifier == nil else {
                throw LambdaError.invalidParameter(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN.")
            }
            self = .function(name)
        }
    }
}

extension LambdaProvider {
    /// The number of tags that a resource may have.
    private static let tagLimit = 50

    func checkTags(_ tags: [String: String]) throws(AWSError) {
        guard tags.count <= Self.tagLimit else {
            throw LambdaError.invalidParameter("Number of tags exceeds resource tag limit.")
        }
        guard !tags.keys.contains(where: { $0.hasPrefix("aws:") }) else {
            throw LambdaError.invalidParameter("Tag keys and values must not begin with aws:.")
        }
    }

    public func listTags(
        _ input: Lambda.ListTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.ListTagsResponse {
        let resource = try TaggedResource(input.resource, context)
        let tags = try await read { try self.tags(of: resource, input.resource, context, in: $0) }
        return Lambda.ListTagsResponse { $0.tags = tags }
    }

    public func tagResource(_ input: Lambda.TagResourceRequest, _ context: RequestContext) async throws(AWSError) {
        guard !input.tags.isEmpty else {
            throw LambdaError.invalidParameter("An error occurred and the request cannot be processed.")
        }
        try await changeTags(input.resource, context) { $0.merge(input.tags) { $1 } }
    }

    public func untagResource(_ input: Lambda.UntagResourceRequest, _ context: RequestContext) async throws(AWSError) {
        guard !input.tagKeys.isEmpty else {
            throw LambdaError.validation(
                "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not "
                    + "be null")
        }
        try await changeTags(input.resource, context) { tags in for key in input.tagKeys { tags[key] = nil } }
    }

    private func changeTags(
        _ text: String, _ context: RequestContext, _ change: @escaping @Sendable (inout [String: String]) -> Void
    ) async throws(AWSError) {
        let resource = try TaggedResource(text, context)
        try await write { transaction in
            var tags = try self.tags(of: resource, text, context, in: transaction)
            change(&tags)
            try self.checkTags(tags)
            switch resource {
            case .function(let name):
                try self.store.setTags(tags, of: name.name, name.scope, in: transaction)
                try self.touch(name, in: transaction)
                try self.deployment.refresh(name.name, name.scope, in: transaction)
            case .mapping(let id): try self.mappings.setTags(tags, of: id, context.scope, in: transaction)
            case .codeSigning(let arn):
                var config = try self.codeSigning(arn, context.scope, in: transaction)
                config.tags = tags
                try self.put(config, context.scope, in: transaction)
            }
        }
    }

    private func tags(
        of resource: TaggedResource, _ text: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> [String: String] {
        switch resource {
        case .function(let name): return try function(name, in: transaction).tags
        case .mapping(let id):
            guard let mapping = try mappings.mapping(id, context.scope, in: transaction) else {
                throw LambdaError.notFound("Event source mapping not found: \(text)")
            }
            return mapping.tags
        case .codeSigning(let arn): return try codeSigning(arn, context.scope, in: transaction).tags
        }
    }
}
