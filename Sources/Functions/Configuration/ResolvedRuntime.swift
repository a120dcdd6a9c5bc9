import Glibc

/// What is started for a function on this machine.
struct ResolvedRuntime: Hashable, Sendable {
    enum Contract: Hashable, Sendable {
        /// A warm instance that asks the Runtime API for invocations.
        case runtimeAPI
        /// A process for each invocation.
        case exec
    }

    var contract: Contract
    var executable: String
    /// Including the program's own name.
    var arguments: [String]
    /// The value of `AWS_EXECUTION_ENV`; none for runtimes that bring their own bootstrap.
    var executionEnvironment: String?
    /// Said once when the function is deployed: the wanted and the found version of an interpreter differ.
    var warning: String?
}

/// Finds what runs a function: its interpreter, its bootstrap or its executable.
struct RuntimeResolver: Sendable {
    var interpreters: InterpreterCatalog
    var bootstraps: BootstrapFiles

    func resolve(_ function: FunctionConfiguration) throws(FunctionError) -> ResolvedRuntime {
        let identifier = try RuntimeIdentifier(function.runtime)
        guard FilePath.isDirectory(function.codeDirectory) else {
            throw FunctionError(
                .missingCode, "function \(function.reference.functionName): no directory \(function.codeDirectory)")
        }
        switch identifier {
        case .provided: return try provided(function)
        case .exec: return try exec(function)
        case .python(let minor):
            return try interpreted(
                function, wanted: minor, among: interpreters.python, part: 1, name: "Python", release: "3.\(minor)",
                script: bootstraps.python)
        case .node(let major):
            return try interpreted(
                function, wanted: major, among: interpreters.node, part: 0, name: "Node", release: "\(major)",
                script: bootstraps.node)
        }
    }

    private func interpreted(
        _ function: FunctionConfiguration, wanted: Int, among found: [InterpreterCatalog.Interpreter], part: Int,
        name: String, release: String, script: String
    ) throws(FunctionError) -> ResolvedRuntime {
        guard let interpreter = InterpreterCatalog.nearest(wanted, among: found, part: part) else {
            throw FunctionError(
                .missingInterpreter,
                "function \(function.reference.functionName): runtime \(function.runtime) needs \(name), and no "
                    + "\(name) interpreter is installed on this machine: install one")
        }
        let version = interpreter.version.map(String.init).joined(separator: ".")
        let same = interpreter.version.indices.contains(part) && interpreter.version[part] == wanted
        return ResolvedRuntime(
            contract: .runtimeAPI, executable: interpreter.path, arguments: [interpreter.path, script],
            executionEnvironment: "AWS_Lambda_\(function.runtime)",
            warning: same
                ? nil
                : "function \(function.reference.functionName): \(name) \(release) (\(function.runtime)) is not "
                    + "installed; it runs on \(name) \(version.isEmpty ? "of unknown version" : version) "
                    + "at \(interpreter.path)")
    }

    private func provided(_ function: FunctionConfiguration) throws(FunctionError) -> ResolvedRuntime {
        let places = [function.codeDirectory] + function.layers.reversed()
        for place in places {
            let path = "\(place)/bootstrap"
            guard FilePath.isFile(path) else { continue }
            try checkExecutable(path, of: function)
            return ResolvedRuntime(contract: .runtimeAPI, executable: path, arguments: [path])
        }
        throw FunctionError(
            .missingExecutable,
            "function \(function.reference.functionName): runtime \(function.runtime) starts a file named bootstrap, "
                + "and there is none in \(places.joined(separator: ", "))")
    }

    private func exec(_ function: FunctionConfiguration) throws(FunctionError) -> ResolvedRuntime {
        let handler = function.handler
        guard !handler.isEmpty else {
            throw FunctionError(
                .missingExecutable, "function \(function.reference.functionName): Handler must name the executable")
        }
        let path = handler.hasPrefix("/") ? handler : "\(function.codeDirectory)/\(handler)"
        guard FilePath.isFile(path) else {
            throw FunctionError(
                .missingExecutable,
                "function \(function.reference.functionName): Handler \"\(handler)\" is not a file in "
                    + "\(function.codeDirectory)")
        }
        try checkExecutable(path, of: function)
        return ResolvedRuntime(contract: .exec, executable: path, arguments: [path] + function.arguments)
    }

    private func checkExecutable(_ path: String, of function: FunctionConfiguration) throws(FunctionError) {
        guard FilePath.isExecutable(path) else {
            throw FunctionError(
                .missingExecutable,
                "function \(function.reference.functionName): \(path) is not executable: chmod +x it")
        }
    }
}
