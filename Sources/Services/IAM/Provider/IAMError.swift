import AWSModels
import Wire

/// IAM's errors in its words.
enum IAMError {
    static func missing(_ kind: IAMEntity.Kind, _ name: String) -> AWSError {
        switch kind {
        case .user, .group, .role:
            noSuchEntity("The \(kind.rawValue) with name \(name) cannot be found.")
        case .profile: noSuchEntity("Instance Profile \(name) cannot be found.")
        case .policy: noSuchEntity("Policy \(name) was not found.")
        case .accessKey: noSuchEntity("The Access Key with id \(name) cannot be found.")
        case .credential: noSuchEntity("No such credential \(name) exists")
        case .alias: noSuchEntity("The account alias with name \(name) cannot be found.")
        case .samlProvider: noSuchEntity("Manifest not found for arn \(name)")
        case .openIDProvider: noSuchEntity("OpenIDConnect Provider not found for arn \(name)")
        case .loginProfile: noSuchEntity("Login Profile for User \(name) cannot be found.")
        case .passwordPolicy: noSuchEntity("The Password Policy with domain name \(name) cannot be found.")
        case .certificate: noSuchEntity("The Server Certificate with name \(name) cannot be found.")
        }
    }

    static func exists(_ kind: IAMEntity.Kind, _ name: String) -> AWSError {
        switch kind {
        case .policy:
            IAM.Errors.entityAlreadyExistsException(
                "A policy called \(name) already exists. Duplicate names are not allowed.")
        case .profile: IAM.Errors.entityAlreadyExistsException("Instance Profile \(name) already exists.")
        case .alias: IAM.Errors.entityAlreadyExistsException("The account alias \(name) already exists.")
        case .samlProvider: IAM.Errors.entityAlreadyExistsException("Provider with name \(name) already exists.")
        case .openIDProvider:
            IAM.Errors.entityAlreadyExistsException("Provider with url https://\(name) already exists.")
        case .certificate:
            IAM.Errors.entityAlreadyExistsException("The Server Certificate with name \(name) already exists.")
        default: IAM.Errors.entityAlreadyExistsException("\(kind.title) with name \(name) already exists.")
        }
    }

    static func noSuchEntity(_ message: String) -> AWSError { IAM.Errors.noSuchEntityException(message) }

    static func conflict(_ message: String) -> AWSError {
        IAM.Errors.deleteConflictException("Cannot delete entity, must \(message) first.")
    }

    static func quota(_ name: String, _ limit: Int) -> AWSError {
        IAM.Errors.limitExceededException("Cannot exceed quota for \(name): \(limit)")
    }

    static func invalid(_ message: String) -> AWSError { AWSError("ValidationError", message, status: 400) }
}

extension IAMEntity.Kind {
    /// As it stands in names of quotas and at the begin of sentences.
    var title: String {
        switch self {
        case .user: "User"
        case .group: "Group"
        case .role: "Role"
        case .policy: "Policy"
        case .profile: "InstanceProfile"
        case .accessKey: "AccessKey"
        case .credential: "ServiceSpecificCredential"
        case .alias: "AccountAlias"
        case .samlProvider: "SAMLProvider"
        case .openIDProvider: "OpenIDConnectProvider"
        case .certificate: "ServerCertificate"
        case .loginProfile: "LoginProfile"
        case .passwordPolicy: "PasswordPolicy"
        }
    }

    /// As it begins the names of parameters.
    var parameter: String { title.prefix(1).lowercased() + title.dropFirst() }
}
