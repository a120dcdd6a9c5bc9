import Wire

/// The rules of the tags that a session is given. Keys that differ only in case are the same key.
enum SessionTags {
    /// The keys that go on from the new session.
    ///
    /// - Parameters:
    ///   - keys: of the tags that are asked for.
    ///   - transitive: those of them that are to go on.
    ///   - inherited: those that the calling session hands on.
    static func transitive(
        of keys: [String], _ transitive: [String], _ inherited: [String]
    ) throws(AWSError) -> [String] {
        let wanted = Set(keys.map { $0.lowercased() })
        guard wanted.count == keys.count else {
            throw invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        }
        guard transitive.allSatisfy({ wanted.contains($0.lowercased()) }) else {
            throw invalid("The specified transitive tag key must be included in the requested tags.")
        }
        guard inherited.allSatisfy({ !wanted.contains($0.lowercased()) }) else {
            throw invalid(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
                    + "from the calling session.")
        }
        return inherited + transitive
    }

    private static func invalid(_ message: String) -> AWSError {
        AWSError("InvalidParameterValue", message, status: 400)
    }
}
