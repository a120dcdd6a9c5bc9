/// The names of files in the host's own directory of a bucket.
enum StoredName {
    private static func digits(_ number: Int64) -> String { String(number, radix: 16) }

    /// A file that becomes an object's.
    static func upload(_ number: Int64) -> String { "\(ReservedName.uploads)/\(digits(number)).new" }

    /// The copy of a version on its way to `versions`.
    static func archiving(_ sequence: Int64) -> String { "\(ReservedName.uploads)/\(digits(sequence)).arc" }

    /// The file of a version that is about to be deleted.
    static func setAside(_ sequence: Int64) -> String { "\(ReservedName.uploads)/\(digits(sequence)).old" }

    static func version(_ sequence: Int64) -> String {
        "\(ReservedName.versions)/\(digits(sequence & 0xFF))/\(digits(sequence))"
    }

    static func parts(_ upload: String) -> String { "\(ReservedName.parts)/\(upload)" }

    static func part(_ upload: String, _ number: Int64) -> String { "\(parts(upload))/\(digits(number))" }

    enum Leftover {
        case upload(Int64)
        case archiving(Int64)
        case setAside(Int64)
    }

    /// What a file in `uploads` is by its name; nil for a foreign one.
    static func leftover(_ name: String) -> Leftover? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0], radix: 16) else { return nil }
        switch parts[1] {
        case "new": return .upload(number)
        case "arc": return .archiving(number)
        case "old": return .setAside(number)
        default: return nil
        }
    }
}
