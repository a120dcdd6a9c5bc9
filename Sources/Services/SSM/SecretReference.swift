import AWSModels
import Core
import Wire

/// A secret of Secrets Manager under the name of a parameter: `/aws/reference/secretsmanager/NAME`.
struct SecretReference {
    static let prefix = "/aws/reference/secretsmanager/"

    private let name: String

    init(_ name: String) {
        self.name = name
    }

    func parameter(
        from secrets: SecretsManagerProvider, decrypted: Bool, _ context: RequestContext
    ) async throws(AWSError) -> SSM.Parameter {
        guard decrypted else {
            throw AWSError(
                "ValidationException", "WithDecryption flag must be True for retrieving a Secret Manager secret.",
                status: 400)
        }
        let id = String(name.dropFirst(Self.prefix.count))
        let secret: SecretsManager.GetSecretValueResponse
        do {
            secret = try await secrets.getSecretValue(
                SecretsManager.GetSecretValueRequest { $0.secretId = id }, context)
        } catch  where error.code == "ResourceNotFoundException" {
            throw SSM.Errors.parameterNotFound(
                "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret \(name) not found.")
        }
        return SSM.Parameter {
            $0.name = name
            $0.type = .secureString
            $0.value = secret.secretString ?? secret.secretBinary.map { Base64.encode($0.bytes) }
            $0.version = 0
            $0.sourceResult = Self.source(secret).text()
            $0.lastModifiedDate = secret.createdDate
            $0.arn = context.scope.arn("ssm", "parameter\(name)").description
            $0.dataType = "text"
        }
    }

    private static func source(_ secret: SecretsManager.GetSecretValueResponse) -> JSON {
        var source: JSONObject = [:]
        source["ARN"] = secret.arn.map(JSON.string)
        source["name"] = secret.name.map(JSON.string)
        source["versionId"] = secret.versionId.map(JSON.string)
        source["secretString"] = secret.secretString.map(JSON.string)
        source["versionStages"] = secret.versionStages.map { .array($0.map(JSON.string)) }
        source["createdDate"] = secret.createdDate.map { .string("\($0)") }
        return .object(source)
    }
}
