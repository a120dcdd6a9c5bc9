/// Which functions an expression may call.
public enum JSONataDialect: Sendable {
    /// The language as the reference has it.
    case standard
    /// As AWS Step Functions has it: `$partition`, `$range`, `$hash`, `$uuid`, `$parse` and a seedable `$random` are
    /// there, `$eval` is not.
    case stepFunctions
}
