public import Core
public import StatesLanguage

/// Who an execution is; a redrive gives it another.
///
/// A reference to something immutable: it goes along with every task, and a copy of so many texts would cost more than
/// most states do.
public final class ExecutionIdentity: Sendable {
    /// The row in the executions table; part of every task token.
    public let key: Int64
    public let arn: String
    public let name: String
    public let input: JSON
    /// The input as the caller wrote it.
    public let inputText: String
    public let roleARN: String
    public let stateMachineARN: String
    public let stateMachineName: String
    public let versionARN: String?
    public let aliasARN: String?
    public let startedAt: Timestamp
    public let type: StateMachineType
    /// Executions that their caller waits for have no redrive count in their context object.
    public let isSynchronous: Bool
    public let account: String
    public let region: String
    /// The item that a child of a map run works on, for its context object.
    public let mapItem: ItemContext?
    public let redriveCount: Int64
    public let redrivenAt: Timestamp?

    init(
        key: Int64, arn: String, name: String, input: JSON, inputText: String, roleARN: String,
        stateMachineARN: String, stateMachineName: String, versionARN: String? = nil, aliasARN: String? = nil,
        startedAt: Timestamp, type: StateMachineType, isSynchronous: Bool = false, account: String, region: String,
        mapItem: ItemContext? = nil, redriveCount: Int64 = 0, redrivenAt: Timestamp? = nil
    ) {
        self.key = key
        self.arn = arn
        self.name = name
        self.input = input
        self.inputText = inputText
        self.roleARN = roleARN
        self.stateMachineARN = stateMachineARN
        self.stateMachineName = stateMachineName
        self.versionARN = versionARN
        self.aliasARN = aliasARN
        self.startedAt = startedAt
        self.type = type
        self.isSynchronous = isSynchronous
        self.account = account
        self.region = region
        self.mapItem = mapItem
        self.redriveCount = redriveCount
        self.redrivenAt = redrivenAt
    }

    func redriven(at now: Timestamp) -> ExecutionIdentity {
        ExecutionIdentity(
            key: key, arn: arn, name: name, input: input, inputText: inputText, roleARN: roleARN,
            stateMachineARN: stateMachineARN, stateMachineName: stateMachineName, versionARN: versionARN,
            aliasARN: aliasARN, startedAt: startedAt, type: type, account: account, region: region, mapItem: mapItem,
            redriveCount: redriveCount + 1, redrivenAt: now)
    }
}
