import AWSModels
import Core
import Functions
import Storage
import Wire

/// The resource policy of a function, version or alias: statements by their ids. Kept and shown, not enforced.
struct ResourcePolicy {
    var statements: [JSON]
    var revisionID: String

    init(revisionID: String) {
        statements = []
        self.revisionID = revisionID
    }

    init(_ document: JSON) {
        statements = document["Statement"]?.arrayValue ?? []
        revisionID = document["RevisionId"]?.stringValue ?? ""
    }

    var document: JSON { ["Statement": .array(statements), "RevisionId": .string(revisionID)] }

    /// As callers see it.
    var text: String {
        JSON.object(["Version": "2012-10-17", "Id": "default", "Statement": .array(statements)]).text()
    }

    func holds(_ id: String) -> Bool { statements.contains { $0["Sid"]?.stringValue == id } }

    mutating func remove(_ id: String) -> Bool {
        let count = statements.count
        statements.removeAll { $0["Sid"]?.stringValue == id }
        return statements.count < count
    }
}

extension LambdaProvider {
    public func addPermission(
        _ input: Lambda.AddPermissionRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.AddPermissionResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        guard name.qualifier != FunctionVersionReference.latest else {
            throw LambdaError.invalidParameter("We currently do not support adding policies for $LATEST.")
        }
        let statement = try Self.statement(input, for: name)
        try await write { transaction in
            try self.requireQualified(name, in: transaction)
            var policy = try self.policy(of: name, in: transaction)
            guard policy?.holds(input.statementId) != true else {
                throw LambdaError.conflict(
                    "The statement id (\(input.statementId)) provided already exists. Please provide a new statement "
                        + "id, or remove the existing statement.")
            }
            if let expected = input.revisionId, try expected != self.policyRevision(of: name, policy, in: transaction) {
                throw LambdaError.revisionMismatch("GetPolicy")
            }
            policy = policy ?? ResourcePolicy(revisionID: "")
            policy?.statements.append(statement)
            try self.set(policy, of: name, in: transaction)
        }
        return Lambda.AddPermissionResponse { $0.statement = statement.text() }
    }

    public func removePermission(
        _ input: Lambda.RemovePermissionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        try await write { transaction in
            guard try self.store.function(name.name, name.scope, in: transaction) != nil else {
                throw LambdaError.notFound("No policy found for: \(name.arn)")
            }
            try self.requireQualified(name, in: transaction)
            guard var policy = try self.policy(of: name, in: transaction) else {
                throw LambdaError.notFound("No policy is associated with the given resource.")
            }
            if let expected = input.revisionId, try expected != self.policyRevision(of: name, policy, in: transaction) {
                throw LambdaError.revisionMismatch("GetPolicy")
            }
            guard policy.remove(input.statementId) else {
                throw LambdaError.notFound("Statement \(input.statementId) is not found in resource policy.")
            }
            try self.set(policy, of: name, in: transaction)
        }
    }

    public func getPolicy(
        _ input: Lambda.GetPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.GetPolicyResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let policy = try await read { transaction in
            guard let policy = try self.policy(of: name, in: transaction) else {
                throw LambdaError.notFound("The resource you requested does not exist.")
            }
            return policy
        }
        return Lambda.GetPolicyResponse {
            $0.policy = policy.text
            $0.revisionId = policy.revisionID
        }
    }

    // MARK: Storing

    private func policy(of name: FunctionName, in transaction: Transaction) throws -> ResourcePolicy? {
        try store.get(
            .policy, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction
        ).map(ResourcePolicy.init)
    }

    /// A policy has a revision of its own; before there is one, the revision of what it will belong to counts.
    private func policyRevision(
        of name: FunctionName, _ policy: ResourcePolicy?, in transaction: Transaction
    ) throws -> String {
        if let policy { return policy.revisionID }
        if !name.namesVersion { return try alias(name.qualifierOrLatest, of: name, in: transaction).revisionID }
        return try version(name, in: transaction).revisionID
    }

    private func set(_ policy: ResourcePolicy?, of name: FunctionName, in transaction: Transaction) throws {
        let revision = makeRevision()
        if var policy, !policy.statements.isEmpty {
            policy.revisionID = revision
            try store.set(
                .policy, policy.document, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
        } else {
            try store.remove(
                .policy, of: name.name, qualifier: name.qualifierOrLatest, name.scope, in: transaction)
        }
        if name.isLatest {
            try touch(name, in: transaction)
        } else if !name.namesVersion {
            _ = try store.updateAlias(
                name.qualifierOrLatest, of: name.name, name.scope, newRevision: revision, in: transaction
            ) { _ in }
        }
        try deployment.refresh(name.name, name.scope, in: transaction)
    }

    /// The function, version or alias is there.
    private func requireQualified(_ name: FunctionName, in transaction: Transaction) throws {
        if !name.namesVersion, let qualifier = name.qualifier {
            guard try store.alias(qualifier, of: name.name, name.scope, in: transaction) == nil else { return }
            // A dollar sign is in no alias's name.
            guard !qualifier.utf8.contains(UInt8(ascii: "$")) else { throw LambdaError.functionNotFound(name.arn) }
            _ = try function(name, in: transaction)
            throw LambdaError.notFound("Cannot find alias arn: \(name.arn)")
        }
        _ = try version(name, in: transaction)
    }

    // MARK: Statements

    private static func statement(
        _ input: Lambda.AddPermissionRequest, for name: FunctionName
    ) throws(AWSError) -> JSON {
        var statement: JSONObject = [
            "Sid": .string(input.statementId), "Effect": "Allow", "Principal": try principal(input.principal),
            "Action": .string(input.action), "Resource": .string("\(name.arn)"),
        ]
        var equals = JSONObject()
        equals["AWS:SourceAccount"] = input.sourceAccount.map(JSON.string)
        equals["lambda:EventSourceToken"] = input.eventSourceToken.map(JSON.string)
        equals["lambda:FunctionUrlAuthType"] = input.functionUrlAuthType.map { .string($0.rawValue) }
        equals["aws:PrincipalOrgID"] = input.principalOrgID.map(JSON.string)
        var condition = JSONObject()
        if !equals.isEmpty { condition["StringEquals"] = .object(equals) }
        if input.invokedViaFunctionUrl == true { condition["Bool"] = ["lambda:InvokedViaFunctionUrl": "true"] }
        if let arn = input.sourceArn { condition["ArnLike"] = ["AWS:SourceArn": .string(arn)] }
        if !condition.isEmpty { statement["Condition"] = .object(condition) }
        return .object(statement)
    }

    static func principal(_ text: String) throws(AWSError) -> JSON {
        if text == "*" { return "*" }
        if text.utf8.count == 12, text.utf8.allSatisfy({ 48...57 ~= $0 }) {
            return ["AWS": .string("arn:aws:iam::\(text):root")]
        }
        if text.hasPrefix("arn:") { return ["AWS": .string(text)] }
        // Alexa's service is shown as everyone.
        if text == "alexa-appkit.amazon.com" { return "*" }
        guard text.hasSuffix(".amazonaws.com") || text.hasSuffix(".amazonaws.com.cn"), !text.contains(" ") else {
            throw LambdaError.invalidParameter(
                "The provided principal was invalid. Please check the principal and try again.")
        }
        return ["Service": .string(text)]
    }
}
