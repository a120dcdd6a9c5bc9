import Core
import Glibc
import Project

/// Builds functions whose manifest says `BuildMethod: makefile`, as SAM does: `make build-<name>` with `ARTIFACTS_DIR`.
struct FunctionBuilder: Sendable {
    /// Where builds are kept, one directory for each state of a function's code.
    let directory: String
    /// Told what is about to be built, which may take a while.
    private let progress: @Sendable (String) -> Void
    private let pool = BlockingPool(name: "build", maximumThreads: 1)

    init(directory: String, progress: @escaping @Sendable (String) -> Void) {
        self.directory = directory
        self.progress = progress
    }

    /// The directory of the built code; what has been built before is not built again.
    func build(_ function: FunctionResource, fingerprint: String) async throws(ProjectProblem) -> String {
        let target = "\(directory)/\(function.name)-\(fingerprint.prefix(16))"
        if Directory.exists(target) { return target }
        progress("building \(function.name): make build-\(function.name)")
        let result: (status: Int32, output: String)
        do {
            let partial = "\(target).part"
            try Directory.create(partial)
            result = try await pool.run {
                Self.run(
                    "make --silent -C '\(function.codeDirectory)' build-\(function.name) ARTIFACTS_DIR='\(partial)' 2>&1"
                )
            }
            if result.status == 0, rename(partial, target) == 0 { return target }
        } catch {
            throw ProjectProblem(
                file: function.file, field: "Metadata", message: "the build could not be started: \(error).")
        }
        throw ProjectProblem(
            file: function.file, field: "Metadata.BuildMethod",
            message: "'make build-\(function.name)' failed:\n\(result.output)", mend: "Mend the Makefile or the code.")
    }

    private static func run(_ command: String) -> (status: Int32, output: String) {
        guard let pipe = popen(command, "re") else { return (-1, String(cString: strerror(errno))) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            guard count > 0 else { break }
            if output.count < 16_384 { output += chunk[..<count] }
        }
        return (pclose(pipe), String(decoding: output, as: UTF8.self).trimmingNewlines)
    }
}
