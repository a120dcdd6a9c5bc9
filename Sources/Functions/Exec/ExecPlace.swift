/// Where one process after another runs: a temporary directory, whose content stays as in a warm instance. Used by one
/// invocation at a time, on a reactor's thread.
///
/// No control group: moving a process into one costs several times as much as starting it.
final class ExecPlace: @unchecked Sendable {
    let directory: String
    private var isPrepared = false

    init(id: String, parent: String) {
        directory = "\(parent)/\(id)"
    }

    func prepare() throws(FunctionError) {
        guard !isPrepared else { return }
        try FilePath.makeDirectory(directory, mode: 0o700)
        isPrepared = true
    }

    func remove() {
        FilePath.removeTree(directory)
    }
}
