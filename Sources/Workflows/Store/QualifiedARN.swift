import Core

/// The ARN of a state machine, which may name a version or an alias behind the machine.
struct QualifiedARN {
    let machine: String
    let name: String
    let qualifier: String?
    let scope: Scope

    /// Nil when the text is no state machine's ARN.
    init?(_ text: String) {
        guard let arn = ARN(text), arn.service == "states" else { return nil }
        let parts = arn.resource.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || parts.count == 3, parts[0] == "stateMachine", !parts[1].isEmpty else { return nil }
        scope = Scope(account: arn.account, region: arn.region)
        name = parts[1]
        qualifier = parts.count == 3 ? parts[2] : nil
        machine = scope.arn("states", "stateMachine:\(parts[1])").description
    }

    var version: Int64? { qualifier.flatMap { Int64($0) } }
}
