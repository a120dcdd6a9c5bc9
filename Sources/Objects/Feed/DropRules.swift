/// Which files that other programs put into a bucket's directory do not become objects: those that programs make for a
/// moment while they write the file that is meant. A file that is an object already is always looked at.
public struct DropRules: Hashable, Sendable {
    /// Files and directories whose name begins with a dot, as those of rsync, editors and version control do.
    public var ignoresHidden = true
    /// Endings of names of files that are still being written.
    public var ignoredSuffixes = ["~", ".tmp", ".part", ".partial", ".crdownload", ".filepart"]

    public init() {}

    public func ignores(_ key: ObjectKey) -> Bool {
        if ignoresHidden {
            let dot = UInt8(ascii: ".")
            let segments = key.text.utf8.split(separator: UInt8(ascii: "/"))
            if segments.contains(where: { $0.first == dot }) { return true }
        }
        return ignoredSuffixes.contains { key.text.utf8.reversed().starts(with: $0.utf8.reversed()) }
    }
}
