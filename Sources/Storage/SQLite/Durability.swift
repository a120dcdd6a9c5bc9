/// When what was committed is on the disk. A process that is killed loses nothing under any of them: what it has written
/// is the kernel's by then.
public enum Durability: Sendable, Hashable {
    /// A commit waits for the disk.
    case commit
    /// The disk follows within about a second, beside the writer. A power cut or a crash of the kernel takes back at most
    /// that, whole transactions from the end; the file is sound.
    case second
    /// Nothing waits and nothing follows, and a power cut can leave the file broken. For throw-away databases.
    case none

    /// SQLite's name and number of it.
    var synchronous: (name: String, level: Int64) {
        switch self {
        case .commit: ("FULL", 2)
        case .second: ("NORMAL", 1)
        case .none: ("OFF", 0)
        }
    }
}
