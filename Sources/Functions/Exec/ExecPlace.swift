/// Where one process after another runs: a temporary directory, whose content stays as in a warm instance, and a control
/// group. Used by one invocation at a time, on a reactor's thread.
final class ExecPlace: @unchecked Sendable {
    let directory: String
    private let id: String
    private(set) var group: ControlGroup?
    private var isPrepared = false

    init(id: String, parent: String) {
        self.id = id
        directory = "\(parent)/\(id)"
    }

    func prepare(_ plan: InstancePlan) throws(FunctionError) {
        guard isPrepared else {
            try FilePath.makeDirectory(directory, mode: 0o700)
            group = plan.makeControlGroup(id)
            isPrepared = true
            return
        }
        group?.resetPeak()
    }

    func remove() {
        group?.remove()
        FilePath.removeTree(directory)
    }
}
