import Core

/// How one child of a map run ended.
struct ChildResult: Sendable {
    var index: Int
    var record: ExecutionRecord
    /// Items that it worked on.
    var items: Int64
}
