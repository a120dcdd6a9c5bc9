/// The bootstraps for managed runtimes, on disk where interpreters find them.
struct BootstrapFiles: Hashable, Sendable {
    /// Paths of the scripts.
    var python: String
    var node: String

    init(python: String, node: String) {
        self.python = python
        self.node = node
    }

    /// Writes the scripts into the directory.
    init(writtenTo directory: String) throws(FunctionError) {
        try FilePath.makeDirectory(directory)
        python = "\(directory)/bootstrap.py"
        node = "\(directory)/bootstrap.mjs"
        try FilePath.write(Array(pythonBootstrap.utf8), to: python)
        try FilePath.write(Array(nodeBootstrap.utf8), to: node)
    }
}
