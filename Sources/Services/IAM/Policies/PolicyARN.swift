import Core
import Wire

/// The ARN of a managed policy, taken apart.
struct PolicyARN: Sendable {
    let text: String
    /// `aws` for those that AWS manages.
    let account: String
    let path: String
    let name: String

    var isManagedByAWS: Bool { account == "aws" }

    init?(_ text: String) {
        guard let arn = ARN(text), arn.service == "iam", arn.region.isEmpty, arn.resource.hasPrefix("policy/") else {
            return nil
        }
        let place = arn.resource.dropFirst("policy".utf8.count)
        guard let slash = place.lastIndex(of: "/"), place.index(after: slash) < place.endIndex else { return nil }
        self.text = text
        account = arn.account
        path = String(place[...slash])
        name = String(place[place.index(after: slash)...])
    }

    @discardableResult
    static func check(_ text: String) throws(AWSError) -> PolicyARN {
        guard ARN(text) != nil else { throw IAMError.invalid("Invalid ARN:  Could not be parsed!") }
        guard let arn = PolicyARN(text) else { throw IAMError.invalid("ARN \(text) is not valid.") }
        return arn
    }
}
