public import AWSModels
import Core
import Messaging
public import Wire

extension SNSProvider {
    private static let settingName = "settings"

    private func textMessageSettings(_ context: RequestContext) async throws(AWSError) -> [String: String] {
        let scope = context.scope
        let stored = try await read { try settings.entry(.textMessages, Self.settingName, scope, in: $0) }
        return ["MonthlySpendLimit": "1"].merging(stored?.attributes ?? [:]) { $1 }
    }

    public func getSMSAttributes(
        _ input: SNS.GetSMSAttributesInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.GetSMSAttributesResponse {
        let all = try await textMessageSettings(context)
        let wanted = input.attributes ?? []
        return SNS.GetSMSAttributesResponse {
            $0.attributes = wanted.isEmpty ? all : all.filter { wanted.contains($0.key) }
        }
    }

    public func setSMSAttributes(
        _ input: SNS.SetSMSAttributesInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.SetSMSAttributesResponse {
        try Self.validate(textMessageSettings: input.attributes)
        let all = try await textMessageSettings(context).merging(input.attributes) { $1 }
        try await save(.textMessages, Self.settingName, all, context)
        return SNS.SetSMSAttributesResponse()
    }

    private static func validate(textMessageSettings attributes: [String: String]) throws(AWSError) {
        let known: Set<String> = [
            "DefaultSMSType", "DefaultSenderID", "DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate",
            "MonthlySpendLimit", "UsageReportS3Bucket",
        ]
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            guard known.contains(name) else {
                throw SNS.Errors.invalidParameterException("\(name) is not a valid attribute")
            }
            switch name {
            case "DefaultSMSType":
                guard ["Promotional", "Transactional"].contains(value) else {
                    throw SNS.Errors.invalidParameterException("DefaultSMSType is invalid")
                }
            case "DefaultSenderID":
                guard isSenderID(value) else {
                    throw SNS.Errors.invalidParameterException("DefaultSendID is not a valid attribute")
                }
            default: break
            }
        }
    }

    /// One to eleven letters and digits, among them a letter.
    private static func isSenderID(_ text: String) -> Bool {
        let isLetter: (UInt8) -> Bool = { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        return (1...11).contains(text.utf8.count) && text.utf8.contains(where: isLetter)
            && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }

    // MARK: Phone numbers
    // Nobody can answer a message that was never sent, so nobody is opted out.

    public func checkIfPhoneNumberIsOptedOut(
        _ input: SNS.CheckIfPhoneNumberIsOptedOutInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.CheckIfPhoneNumberIsOptedOutResponse {
        try Self.requirePhoneNumber(input.phoneNumber)
        return SNS.CheckIfPhoneNumberIsOptedOutResponse { $0.isOptedOut = false }
    }

    public func listPhoneNumbersOptedOut(
        _ input: SNS.ListPhoneNumbersOptedOutInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListPhoneNumbersOptedOutResponse {
        SNS.ListPhoneNumbersOptedOutResponse { $0.phoneNumbers = [] }
    }

    public func optInPhoneNumber(
        _ input: SNS.OptInPhoneNumberInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.OptInPhoneNumberResponse {
        try Self.requirePhoneNumber(input.phoneNumber)
        return SNS.OptInPhoneNumberResponse()
    }

    private static func requirePhoneNumber(_ number: String) throws(AWSError) {
        guard isPhoneNumber(number) else {
            throw invalid(
                "PhoneNumber Reason: input incorrectly formatted")
        }
    }
}
