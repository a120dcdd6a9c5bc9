public import Core

/// One published version of a function, or its `$LATEST`, in an account and region.
public struct FunctionVersionReference: Hashable, Sendable {
    public var scope: Scope
    public var functionName: String
    /// `$LATEST` or the number of a published version.
    public var version: String

    public init(scope: Scope = Scope(), functionName: String, version: String = Self.latest) {
        self.scope = scope
        self.functionName = functionName
        self.version = version
    }

    public static let latest = "$LATEST"

    /// The function's ARN without a qualifier.
    public var functionARN: ARN { scope.arn("lambda", "function:\(functionName)") }

    /// The ARN of this version: qualified, except for `$LATEST`, which Lambda leaves out.
    public var arn: ARN {
        version == Self.latest ? functionARN : scope.arn("lambda", "function:\(functionName):\(version)")
    }

    /// All versions of a function share its reserved concurrency.
    var function: FunctionKey { FunctionKey(scope: scope, name: functionName) }
}

/// A function in an account and region, whatever the version.
struct FunctionKey: Hashable, Sendable {
    var scope: Scope
    var name: String
}
