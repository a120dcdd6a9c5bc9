import Core
import Functions
import Wire

/// A function as callers name it: `name`, `name:qualifier`, `account:function:name`, or a whole ARN.
struct FunctionName {
    var scope: Scope
    var name: String
    /// `$LATEST`, a version's number or an alias.
    var qualifier: String?
    /// Of another account than the caller's.
    let isForeign: Bool

    /// - Parameters:
    ///   - text: has passed the model's pattern.
    ///   - qualifier: given beside the name.
    /// - Throws: when the name is of another region, or names another qualifier.
    init(_ text: String, _ qualifier: String? = nil, _ context: RequestContext) throws(AWSError) {
        scope = context.scope
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
        if parts.count > 3, parts.first == "arn" { parts = parts.dropFirst(3) }
        if parts.count > 1, let first = parts.first, Self.isRegion(first) {
            scope.region = String(first)
            parts = parts.dropFirst()
        }
        if parts.count > 1, let first = parts.first, first.utf8.count == 12, first.allSatisfy(\.isNumber) {
            scope.account = String(first)
            parts = parts.dropFirst()
        }
        if parts.count > 1, parts.first == "function" { parts = parts.dropFirst() }
        name = parts.first.map(String.init) ?? text
        let derived = parts.dropFirst().first.map(String.init)
        if let derived, let qualifier, derived != qualifier {
            throw LambdaError.invalidParameter(
                "The derived qualifier from the function name does not match the specified qualifier.")
        }
        self.qualifier = qualifier ?? derived
        guard scope.region == context.scope.region else {
            throw LambdaError.notFound(
                "Functions from '\(scope.region)' are not reachable in this region ('\(context.scope.region)')")
        }
        isForeign = scope.account != context.scope.account
    }

    private static func isRegion(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-")
        return parts.count >= 3 && parts[0].utf8.count == 2 && parts.last?.allSatisfy(\.isNumber) == true
    }

    /// What a caller is told of a function that is not there: nothing about another account.
    func missing(_ arn: ARN) -> AWSError {
        isForeign
            ? AWSError("AccessDeniedException", nil, status: 403).with("Message", .null)
            : LambdaError.functionNotFound(arn)
    }

    /// Without a qualifier.
    var functionARN: ARN { scope.arn("lambda", "function:\(name)") }

    /// With the qualifier that was given.
    var arn: ARN { qualifier.map(arn(qualifiedBy:)) ?? functionARN }

    func arn(qualifiedBy qualifier: String) -> ARN { scope.arn("lambda", "function:\(name):\(qualifier)") }

    /// With `$LATEST` where no qualifier was given.
    var qualifiedARN: ARN { arn(qualifiedBy: qualifierOrLatest) }

    var qualifierOrLatest: String { qualifier ?? FunctionVersionReference.latest }

    var isLatest: Bool { qualifierOrLatest == FunctionVersionReference.latest }

    /// A qualifier of digits or `$LATEST` means a version, any other an alias.
    var namesVersion: Bool { Self.isVersion(qualifierOrLatest) }

    static func isVersion(_ qualifier: String) -> Bool {
        qualifier == FunctionVersionReference.latest
            || !qualifier.isEmpty && qualifier.utf8.allSatisfy { 48...57 ~= $0 }
    }

    var latest: FunctionVersionReference { FunctionVersionReference(scope: scope, functionName: name) }

    func version(_ number: String) -> FunctionVersionReference {
        FunctionVersionReference(scope: scope, functionName: name, version: number)
    }
}
