public import AWSModels
import Core
import Storage
public import Wire

/// Trying policies on requests.
extension IAMProvider {
    public func simulateCustomPolicy(
        _ input: IAM.SimulateCustomPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.SimulatePolicyResponse {
        // Both operations take the same members, and this one no principal.
        var request = IAM.SimulatePrincipalPolicyRequest()
        request.actionNames = input.actionNames
        request.resourceArns = input.resourceArns
        request.callerArn = input.callerArn
        request.contextEntries = input.contextEntries
        request.maxItems = input.maxItems
        request.marker = input.marker
        let boundary = try input.permissionsBoundaryPolicyInputList.map { list throws(AWSError) in
            try Self.policies(list, "PermissionsBoundaryPolicyInputList")
        }
        let simulation = PolicySimulation(
            policies: try Self.policies(input.policyInputList, "PolicyInputList"), boundary: boundary,
            resourcePolicy: try Self.resourcePolicy(input.resourcePolicy, caller: input.callerArn))
        return try Self.answer(request, simulation)
    }

    public func simulatePrincipalPolicy(
        _ input: IAM.SimulatePrincipalPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.SimulatePolicyResponse {
        let (identity, ownBoundary) = try await read { transaction in
            try identityPolicies(of: input.policySourceArn, context, in: transaction)
        }
        let added = try Self.policies(input.policyInputList ?? [], "PolicyInputList")
        let boundary = try input.permissionsBoundaryPolicyInputList.map { list throws(AWSError) in
            try Self.policies(list, "PermissionsBoundaryPolicyInputList")
        }
        var request = input
        request.callerArn = input.callerArn ?? input.policySourceArn
        let simulation = PolicySimulation(
            policies: identity + added, boundary: boundary ?? ownBoundary,
            resourcePolicy: try Self.resourcePolicy(input.resourcePolicy, caller: request.callerArn))
        return try Self.answer(request, simulation)
    }

    // MARK: Policies

    private static func policies(_ texts: [String], _ name: String) throws(AWSError) -> [SimulatedPolicy] {
        var policies: [SimulatedPolicy] = []
        for (index, text) in texts.enumerated() {
            do throws(AWSError) {
                try IdentityPolicy.check(text)
            } catch {
                throw IAM.Errors.invalidInputException(error.message)
            }
            guard let policy = SimulatedPolicy("\(name).\(index + 1)", text) else {
                throw IAM.Errors.invalidInputException("Syntax errors in policy.")
            }
            policies.append(policy)
        }
        return policies
    }

    private static func resourcePolicy(_ text: String?, caller: String?) throws(AWSError) -> SimulatedPolicy? {
        guard let text else { return nil }
        guard caller != nil else {
            throw IAM.Errors.invalidInputException("CallerArn is required when ResourcePolicy is specified.")
        }
        guard let policy = SimulatedPolicy("ResourcePolicy", text) else {
            throw IAM.Errors.invalidInputException("Syntax errors in policy.")
        }
        return policy
    }

    /// The policies of a user with its groups, of a group or of a role, and its boundary.
    private func identityPolicies(
        of text: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> (policies: [SimulatedPolicy], boundary: [SimulatedPolicy]?) {
        guard let arn = ARN(text), arn.service == "iam",
            let kind = arn.resource.split(separator: "/").first.flatMap({ IAMEntity.Kind(rawValue: String($0)) }),
            [.user, .group, .role].contains(kind), let name = arn.resource.split(separator: "/").last
        else {
            throw IAM.Errors.invalidInputException(
                "Invalid Entity Arn: \(text) does not clearly define entity type and name.")
        }
        let entity = try require(kind, String(name), context, in: transaction)
        guard entity.arn == text else { throw IAMError.missing(kind, String(name)) }
        let groups = try store.objects(.member, of: entity, in: transaction)
            .compactMap { try store.find(id: $0, in: transaction) }
        let policies = try ([entity] + groups).flatMap { entity in
            try store.inlinePolicies(of: entity, in: transaction).compactMap { policy in
                SimulatedPolicy("\(entity.kind.rawValue)_\(entity.name)_\(policy.name)", policy.document)
            }
                + store.objects(.attachment, of: entity, in: transaction)
                .compactMap { try managed($0, context, in: transaction) }
        }
        let boundary = try store.objects(.boundary, of: entity, in: transaction)
            .compactMap { try managed($0, context, in: transaction) }
        return (policies, boundary.isEmpty ? nil : boundary)
    }

    /// The version in force of a managed policy.
    private func managed(
        _ text: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> SimulatedPolicy? {
        let arn = try PolicyARN.check(text)
        let document: String
        if arn.isManagedByAWS {
            document = try managedDocument(arn)
        } else {
            let versions = PolicyVersions(try requirePolicy(text, context, in: transaction))
            document = versions[versions.defaultID]?.document ?? ""
        }
        return SimulatedPolicy(arn.name, document)
    }

    // MARK: Answers

    private static func answer(
        _ input: IAM.SimulatePrincipalPolicyRequest, _ simulation: PolicySimulation
    ) throws(AWSError) -> IAM.SimulatePolicyResponse {
        let entries = (input.contextEntries ?? []).map { entry in
            (entry.contextKeyName?.lowercased() ?? "", entry.contextKeyValues ?? [])
        }
        let context = Dictionary(entries) { $1 }
        let resources = input.resourceArns.flatMap { $0.isEmpty ? nil : $0 } ?? ["*"]
        let last = try MarkedPage<Int>.key(input.marker)
        guard let start = last.isEmpty ? 0 : Int(last).map({ $0 + 1 }), start <= input.actionNames.count else {
            throw IAMError.invalid("Invalid Marker.")
        }
        let page = Page(Array(input.actionNames.enumerated())[start...].map { $0 }, limit: input.maxItems ?? 100)
        return IAM.SimulatePolicyResponse {
            $0.evaluationResults = page.items.map { _, action in
                let outcomes = resources.map { resource in
                    simulation.decide(
                        SimulatedRequest(
                            action: action, resource: resource, caller: input.callerArn, context: context))
                }
                return result(action, resources, outcomes, isSpecific: input.resourceArns != nil)
            }
            $0.isTruncated = page.last != nil
            $0.marker = page.last.map { ListToken.make("\($0.offset)") }
        }
    }

    private static func result(
        _ action: String, _ resources: [String], _ outcomes: [PolicySimulation.Outcome], isSpecific: Bool
    ) -> IAM.EvaluationResult {
        // Everything has to be allowed for the whole to be.
        let whole =
            outcomes.first { $0.decision == .explicitDeny } ?? outcomes.first { $0.decision == .implicitDeny }
            ?? outcomes[0]
        return IAM.EvaluationResult {
            $0.evalActionName = action
            $0.evalResourceName = resources.count == 1 ? resources[0] : "*"
            $0.evalDecision = IAM.PolicyEvaluationDecisionType(rawValue: whole.decision.rawValue)
            $0.matchedStatements = whole.matched.map(shape)
            $0.missingContextValues = Set(outcomes.flatMap(\.missingKeys)).sorted()
            $0.organizationsDecisionDetail = IAM.OrganizationsDecisionDetail { $0.allowedByOrganizations = true }
            $0.permissionsBoundaryDecisionDetail = whole.isWithinBoundary.map(shape)
            $0.evalDecisionDetails = [:]
            guard isSpecific else { return }
            $0.resourceSpecificResults = zip(resources, outcomes).map { resource, outcome in
                IAM.ResourceSpecificResult {
                    $0.evalResourceName = resource
                    $0.evalResourceDecision = IAM.PolicyEvaluationDecisionType(rawValue: outcome.decision.rawValue)
                    $0.matchedStatements = outcome.matched.map(shape)
                    $0.missingContextValues = outcome.missingKeys
                    $0.permissionsBoundaryDecisionDetail = outcome.isWithinBoundary.map(shape)
                }
            }
        }
    }

    private static func shape(_ statement: SimulatedPolicy.Statement) -> IAM.Statement {
        IAM.Statement {
            $0.sourcePolicyId = statement.id
            $0.sourcePolicyType = IAM.PolicySourceType(rawValue: "IAM Policy")
            $0.startPosition = shape(statement.start)
            $0.endPosition = shape(statement.end)
        }
    }

    private static func shape(_ place: StatementPlaces.Place) -> IAM.Position {
        IAM.Position {
            $0.line = place.line
            $0.column = place.column
        }
    }

    private static func shape(_ isWithin: Bool) -> IAM.PermissionsBoundaryDecisionDetail {
        IAM.PermissionsBoundaryDecisionDetail { $0.allowedByPermissionsBoundary = isWithin }
    }
}
