public import AWSModels
import Core
import Storage
public import Wire

extension IAMProvider {
    public func createServiceLinkedRole(
        _ input: IAM.CreateServiceLinkedRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateServiceLinkedRoleResponse {
        guard let known = ServiceLinkedRole.byService[input.awsServiceName] else {
            throw IAMError.invalid(
                "Service-linked roles of \(input.awsServiceName) are not known. Check the name of the service.")
        }
        guard input.customSuffix == nil || known.takesSuffix else {
            throw IAM.Errors.invalidInputException("Custom suffix is not allowed for \(input.awsServiceName)")
        }
        let name = input.customSuffix.map { "\(known.name)_\($0)" } ?? known.name
        var new = try entity(.role, name, path: known.path, context)
        new["trust"] = known.trust
        new["description"] = input.description
        let role = new
        try await write { transaction in
            guard try store.insert(role, in: transaction) else {
                throw IAM.Errors.invalidInputException(
                    "Service role name \(name) has been taken in this account, please try a different suffix.")
            }
            try store.link(.attachment, role, to: known.policyARN, in: transaction)
        }
        return IAM.CreateServiceLinkedRoleResponse {
            var shape = shape(role: role)
            shape.maxSessionDuration = nil
            $0.role = shape
        }
    }

    /// Nothing here uses such a role: it is gone when the answer leaves, and the task has ended.
    public func deleteServiceLinkedRole(
        _ input: IAM.DeleteServiceLinkedRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.DeleteServiceLinkedRoleResponse {
        let role = try await write { transaction in
            let role = try require(.role, input.roleName, context, in: transaction)
            guard role.path.hasPrefix(ServiceLinkedRole.pathPrefix) else {
                throw IAMError.missing(.role, input.roleName)
            }
            try remove(role, in: transaction)
            return role
        }
        return IAM.DeleteServiceLinkedRoleResponse {
            $0.deletionTaskId = "task\(role.path)\(role.name)/\(UUIDText.random(using: random))"
        }
    }

    public func getServiceLinkedRoleDeletionStatus(
        _ input: IAM.GetServiceLinkedRoleDeletionStatusRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetServiceLinkedRoleDeletionStatusResponse {
        let parts = input.deletionTaskId.split(separator: "/")
        guard parts.count == 5, parts[0] == "task", parts[1] == "aws-service-role" else {
            throw IAMError.invalid("Invalid DeletionTaskId: \(input.deletionTaskId)")
        }
        return IAM.GetServiceLinkedRoleDeletionStatusResponse { $0.status = .succeeded }
    }
}
