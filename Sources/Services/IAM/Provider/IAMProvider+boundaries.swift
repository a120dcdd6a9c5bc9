public import AWSModels
import Core
import Storage
public import Wire

/// The policies that bound what users and roles may be given.
extension IAMProvider {
    func boundary(
        of entity: IAMEntity, in transaction: Transaction
    ) throws -> IAM.AttachedPermissionsBoundary? {
        try store.objects(.boundary, of: entity, in: transaction).first.map { arn in
            IAM.AttachedPermissionsBoundary {
                // The enumeration of the model and what the service answers differ.
                $0.permissionsBoundaryType = IAM.PermissionsBoundaryAttachmentType(rawValue: "Policy")
                $0.permissionsBoundaryArn = arn
            }
        }
    }

    /// Takes the place of the one before.
    func setBoundary(
        _ arn: String, of entity: IAMEntity, _ context: RequestContext, in transaction: Transaction
    ) throws {
        try requireModifiable(entity)
        try requireAttachable(arn, context, in: transaction)
        for known in try store.objects(.boundary, of: entity, in: transaction) {
            try store.unlink(.boundary, entity, from: known, in: transaction)
        }
        try store.link(.boundary, entity, to: arn, in: transaction)
    }

    private func removeBoundary(
        _ kind: IAMEntity.Kind, _ name: String, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let entity = try require(kind, name, context, in: transaction)
            try requireModifiable(entity)
            guard let known = try store.objects(.boundary, of: entity, in: transaction).first else {
                throw IAMError.noSuchEntity("\(kind.title) \(name) does not have a permissions boundary.")
            }
            try store.unlink(.boundary, entity, from: known, in: transaction)
        }
    }

    public func putUserPermissionsBoundary(
        _ input: IAM.PutUserPermissionsBoundaryRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let user = try require(.user, input.userName, context, in: transaction)
            try setBoundary(input.permissionsBoundary, of: user, context, in: transaction)
        }
    }

    public func putRolePermissionsBoundary(
        _ input: IAM.PutRolePermissionsBoundaryRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let role = try require(.role, input.roleName, context, in: transaction)
            try setBoundary(input.permissionsBoundary, of: role, context, in: transaction)
        }
    }

    public func deleteUserPermissionsBoundary(
        _ input: IAM.DeleteUserPermissionsBoundaryRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await removeBoundary(.user, input.userName, context)
    }

    public func deleteRolePermissionsBoundary(
        _ input: IAM.DeleteRolePermissionsBoundaryRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await removeBoundary(.role, input.roleName, context)
    }
}
