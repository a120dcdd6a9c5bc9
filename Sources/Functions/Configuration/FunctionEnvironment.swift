import Core

/// The environment variables of a function's processes. Nothing of the host's own environment is passed on.
struct FunctionEnvironment: Sendable {
    /// Where the function sees its code and its layers: Lambda's paths when it has a root of its own.
    struct Paths: Sendable {
        var task: String
        /// The layers, the uppermost first.
        var layers: [String]
    }

    var function: FunctionConfiguration
    var runtime: ResolvedRuntime
    var paths: Paths
    /// Set for every function by the host's configuration, such as `AWS_ENDPOINT_URL`; a function's own values win.
    var hostVariables: [String: String]
    var initializationType = "on-demand"

    /// `NAME=value`, in no particular order.
    func list(
        runtimeAPI: String?, logStream: String, temporary: String?, additions: [String: String] = [:]
    ) -> [String] {
        var variables = defaults()
        variables.merge(hostVariables) { $1 }
        variables.merge(function.environment) { $1 }
        variables.merge(fixed(logStream: logStream)) { $1 }
        variables["AWS_LAMBDA_RUNTIME_API"] = runtimeAPI
        if let temporary { variables.merge(["HOME": temporary, "TMPDIR": temporary]) { own, _ in own } }
        variables.merge(additions) { $1 }
        return variables.map { "\($0.key)=\($0.value)" }
    }

    /// What a function may replace.
    private func defaults() -> [String: String] {
        let task = paths.task
        let layers = paths.layers
        func inLayers(_ path: String) -> [String] { layers.map { "\($0)/\(path)" } }
        var variables: [String: String] = [
            "TZ": ":UTC", "LANG": "en_US.UTF-8", "PWD": task,
            "SHLVL": "0", "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR", "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
            "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1", "_AWS_XRAY_DAEMON_PORT": "2000",
            "PATH": (["/usr/local/bin", "/usr/bin/", "/bin"] + inLayers("bin")).joined(separator: ":"),
            "LD_LIBRARY_PATH": ([task, "\(task)/lib"] + inLayers("lib")).joined(separator: ":"),
        ]
        switch try? RuntimeIdentifier(function.runtime) {
        case .python:
            variables["LC_CTYPE"] = "C.UTF-8"
            variables["PYTHONPATH"] = inLayers("python").joined(separator: ":")
            variables["PYTHONDONTWRITEBYTECODE"] = "1"
        case .node(let major):
            variables["NODE_PATH"] =
                (inLayers("nodejs/node\(major)/node_modules") + inLayers("nodejs/node_modules")
                + ["\(task)/node_modules"]).joined(separator: ":")
        default: break
        }
        return variables
    }

    /// What belongs to the host.
    private func fixed(logStream: String) -> [String: String] {
        var variables = [
            "AWS_REGION": function.reference.scope.region,
            "AWS_DEFAULT_REGION": function.reference.scope.region,
            "AWS_LAMBDA_FUNCTION_NAME": function.reference.functionName,
            "AWS_LAMBDA_FUNCTION_VERSION": function.reference.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(function.memorySizeMB)",
            "AWS_LAMBDA_INITIALIZATION_TYPE": initializationType,
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logGroup,
            "AWS_LAMBDA_LOG_STREAM_NAME": logStream,
            "LAMBDA_TASK_ROOT": paths.task,
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": function.handler,
        ]
        variables["AWS_EXECUTION_ENV"] = runtime.executionEnvironment
        if function.logging.format == .json {
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            variables["AWS_LAMBDA_LOG_LEVEL"] = function.logging.applicationLevel ?? "INFO"
        }
        return variables
    }
}
