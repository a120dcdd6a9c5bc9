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
    /// Files and directories of the machine that are used beside the function's own.
    var requirements: [String] = []
    /// The value of `AWS_EXECUTION_ENV`; none for runtimes that bring their own bootstrap.
    var executionEnvironment: String?
    /// Said once when the function is deployed: the wanted and the found version of an interpreter differ.
    var warning: String?
}

/// Finds what runs a function: its interpreter, its bootstrap or its executable.
struct RuntimeResolver: Sendable {
    var interpreters: @Sendable () -> InterpreterCatalog
    var bootstraps: BootstrapFiles

    func resolve(_ function: FunctionConfiguration) throws(FunctionError) -> ResolvedRuntime {
        let identifier = try RuntimeIdentifier(function.runtime)
        guard FilePath.isDirectory(function.codeDirectory) else {
            throw FunctionError(
                .missingCode,
                "function \(function.reference.functionName): no directory \(function.shown(function.codeDirectory))")
        }
        switch identifier {
        case .provided: return try provided(function)
        case .exec: return try exec(function)
        case .python(let minor):
            let sdk = InterpreterCatalog.nearest(minor, among: interpreters().pythonSDKs, part: 1)
            return try interpreted(
                function, Language(name: "Python", release: "3.\(minor)", wanted: minor, part: 1),
                among: interpreters().python, script: bootstraps.python, sdk: sdk?.path)
        case .node(let major):
            let sdk = InterpreterCatalog.nearest(major, among: interpreters().nodeSDKs, part: 0)
            return try interpreted(
                function, Language(name: "Node", release: "\(major)", wanted: major, part: 0),
                among: interpreters().node, script: bootstraps.node, sdk: sdk?.path)
        }
    }

    /// What a runtime's name asks for.
    private struct Language {
        var name: String
        var release: String
        /// The number that tells releases apart, and where it stands in a version.
        var wanted: Int
        var part: Int
    }

    private func interpreted(
        _ function: FunctionConfiguration, _ language: Language, among found: [InterpreterCatalog.Interpreter],
        script: String, sdk: String? = nil
    ) throws(FunctionError) -> ResolvedRuntime {
        let name = language.name
        guard
            let interpreter = InterpreterCatalog.nearest(language.wanted, among: found, part: language.part)
        else {
            throw FunctionError(
                .missingInterpreter,
                "function \(function.reference.functionName): runtime \(function.runtime) needs \(name), and no "
                    + "\(name) interpreter is installed on this machine: install one")
        }
        let version = interpreter.version.map(String.init).joined(separator: ".")
        let same =
            interpreter.version.indices.contains(language.part)
            && interpreter.version[language.part] == language.wanted
        let options =
            (sdk.map { ["sdk=\($0)"] } ?? []) + (function.isPackaged ? ["task=\(Sandbox.taskRoot)"] : [])
        return ResolvedRuntime(
            contract: .runtimeAPI, executable: interpreter.path, arguments: [interpreter.path, script] + options,
            requirements: [interpreter.path] + (sdk.map { [$0] } ?? []),
            executionEnvironment: "AWS_Lambda_\(function.runtime)",
            warning: same
                ? nil
                : "function \(function.reference.functionName): \(name) \(language.release) (\(function.runtime)) is "
                    + "not installed; it runs on \(name) \(version.isEmpty ? "of unknown version" : version) "
                    + "at \(interpreter.path)"
        ).wrapped(for: function)
    }

    private func provided(_ function: FunctionConfiguration) throws(FunctionError) -> ResolvedRuntime {
        let places = [function.codeDirectory] + function.layers.reversed()
        for place in places {
            let path = "\(place)/bootstrap"
            guard FilePath.isFile(path) else { continue }
            try checkExecutable(path, of: function)
            let runtime = ResolvedRuntime(
                contract: .runtimeAPI, executable: path, arguments: [path], requirements: [path])
            return runtime.onAmazonsShell()
        }
        throw FunctionError(
            .missingExecutable,
            "function \(function.reference.functionName): runtime \(function.runtime) starts a file named bootstrap, "
                + "and there is none in \(places.map(function.shown).joined(separator: ", "))")
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
                    + function.shown(function.codeDirectory))
        }
        try checkExecutable(path, of: function)
        return ResolvedRuntime(
            contract: .exec, executable: path, arguments: [path] + function.arguments, requirements: [path])
    }

    private func checkExecutable(_ path: String, of function: FunctionConfiguration) throws(FunctionError) {
        func failure(_ reason: String) -> FunctionError {
            FunctionError(
                .missingExecutable, "function \(function.reference.functionName): \(function.shown(path)) \(reason)")
        }
        guard FilePath.isExecutable(path) else { throw failure("is not executable: chmod +x it") }
        guard let text = FilePath.text(of: path, limit: 256), text.hasPrefix("#!") else { return }
        let line = text.prefix { !$0.isNewline }
        guard text.dropFirst(line.count).first != "\r\n" else {
            throw failure("has a carriage return at the end of its first line: save it with Unix line ends")
        }
        let interpreter = line.dropFirst(2).drop { $0 == " " }.prefix { $0 != " " && $0 != "\t" }
        // What lies in a layer or in the package is found when the function is started.
        let isOwn = function.isPackaged && ["/opt/", "/var/"].contains(where: interpreter.hasPrefix)
        guard interpreter.isEmpty || isOwn || FilePath.isExecutable(String(interpreter)) else {
            throw failure(
                "is run by \(interpreter), which is not installed on this machine: install it or mend the first line")
        }
    }
}

extension ResolvedRuntime {
    /// The variable by which a function names a program that starts its runtime in its own way.
    static let wrapperVariable = "AWS_LAMBDA_EXEC_WRAPPER"

    /// On Amazon Linux `sh` is bash, and bootstraps are written for it; the `sh` of other systems understands less. Bash
    /// that is started by that name keeps to the standard where the two differ, as it does there.
    fileprivate func onAmazonsShell() -> ResolvedRuntime {
        guard let line = FilePath.text(of: executable, limit: 256)?.split(separator: "\n").first else { return self }
        let words = line.split(separator: " ", maxSplits: 1)
        guard ["#!/bin/sh", "#!/usr/bin/sh"].contains(words.first),
            let bash = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"].first(where: FilePath.isExecutable)
        else { return self }
        var started = self
        started.executable = bash
        // What follows the interpreter's name is one argument.
        started.arguments = ["sh"] + words.dropFirst().map { String($0.drop { $0 == " " }) } + arguments
        return started
    }

    /// Started by the function's wrapper, when it names one: the wrapper is given the command as its arguments. A shell
    /// starts it, as in Lambda, so that one that is missing ends with the shell's own exit status.
    fileprivate func wrapped(for function: FunctionConfiguration) -> ResolvedRuntime {
        guard let name = function.environment[Self.wrapperVariable], !name.isEmpty else { return self }
        var wrapped = self
        wrapped.executable = "/bin/sh"
        wrapped.arguments = ["sh", "-c", #"exec "$0" "$@""#, function.path(of: name)] + arguments
        return wrapped
    }
}

extension FunctionConfiguration {
    /// A path as whoever wrote the function knows it: where packages and layers are unpacked concerns nobody.
    fileprivate func shown(_ path: String) -> String {
        if isPackaged, path == codeDirectory || path.hasPrefix("\(codeDirectory)/") {
            return "/var/task" + path.dropFirst(codeDirectory.count)
        }
        guard let layer = layers.first(where: { path == $0 || path.hasPrefix("\($0)/") }) else { return path }
        return "/opt" + path.dropFirst(layer.count)
    }

    /// Where a file lies that the function knows by one of Lambda's places for code and layers.
    fileprivate func path(of name: String) -> String {
        if name.hasPrefix("/var/task/") { return codeDirectory + name.dropFirst("/var/task".count) }
        guard name.hasPrefix("/opt/") else { return name }
        let candidates = layers.reversed().map { $0 + name.dropFirst("/opt".count) }
        return candidates.first(where: FilePath.isFile) ?? name
    }
}
