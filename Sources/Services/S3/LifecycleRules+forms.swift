import AWSModels
import Core
import Wire

/// The two forms of a configuration: version 1 names prefixes in its rules, version 2 has filters. Requests differ in
/// nothing else, so the first rule tells.
extension LifecycleRules {
    static func checkForms(_ rules: [S3.LifecycleRule]) throws(AWSError) {
        guard let first = rules.first else { return }
        guard first.prefix != nil else {
            guard rules.allSatisfy({ $0.prefix == nil }) else {
                throw .invalidRequest(
                    "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.")
            }
            return
        }
        guard rules.allSatisfy({ $0.filter == nil }) else {
            throw .invalidRequest("Filter element can only be used in Lifecycle V2.")
        }
        try checkOverlaps(rules)
    }

    /// In version 1 no object may come under two rules that do the same. In the order of their prefixes those that
    /// begin with one stand right behind it.
    private static func checkOverlaps(_ rules: [S3.LifecycleRule]) throws(AWSError) {
        for (action, isDone) in actions {
            let prefixes = rules.filter(isDone).map { $0.prefix ?? "" }.sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
            for (prefix, next) in zip(prefixes, prefixes.dropFirst()) where next.utf8.starts(with: prefix.utf8) {
                throw .invalidRequest(
                    "Found overlapping prefixes '\(prefix)' and '\(next)' for same action type '\(action)'")
            }
        }
    }

    private static let actions: [(name: String, isDone: @Sendable (S3.LifecycleRule) -> Bool)] = [
        ("Expiration", { $0.expiration != nil }),
        ("Transition", { $0.transitions != nil }),
        ("NoncurrentVersionExpiration", { $0.noncurrentVersionExpiration != nil }),
        ("NoncurrentVersionTransition", { $0.noncurrentVersionTransitions != nil }),
        ("AbortIncompleteMultipartUpload", { $0.abortIncompleteMultipartUpload != nil }),
    ]
}
