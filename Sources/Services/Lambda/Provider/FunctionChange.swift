import AWSModels
import Core
import Functions
import Wire

/// What a request asks a function to be, checked as Lambda checks it; absent members leave it as it is.
struct FunctionChange: Sendable {
    var role: String?
    var handler: String?
    var summary: String?
    var timeout: Int?
    var memorySize: Int?
    var runtime: String?
    var environment: [String: String]?
    var ephemeralStorage: Int?
    var layers: [String]?
    var architectures: [String]?
    var logging: Lambda.LoggingConfig?
    /// Members that are kept as they are, by their wire names; null takes one away.
    var settings = JSONObject()

    init(_ input: Lambda.CreateFunctionRequest) throws(AWSError) {
        try input.refuseUnsupported()
        role = input.role
        handler = input.handler
        summary = input.description
        timeout = input.timeout
        memorySize = input.memorySize
        runtime = input.runtime
        environment = try input.environment.map { value throws(AWSError) in try Self.checked(value) }
        ephemeralStorage = input.ephemeralStorage?.size
        layers = input.layers
        architectures = input.architectures?.map(\.rawValue)
        logging = input.loggingConfig
        keep(
            vpc: input.vpcConfig, deadLetter: input.deadLetterConfig, key: input.kmsKeyArn,
            tracing: input.tracingConfig, snapStart: input.snapStart, fileSystems: input.fileSystemConfigs)
    }

    init(_ input: Lambda.UpdateFunctionConfigurationRequest) throws(AWSError) {
        try input.refuseUnsupported()
        role = input.role
        handler = input.handler
        summary = input.description
        timeout = input.timeout
        memorySize = input.memorySize
        runtime = input.runtime
        environment = try input.environment.map { value throws(AWSError) in try Self.checked(value) }
        ephemeralStorage = input.ephemeralStorage?.size
        layers = input.layers
        logging = input.loggingConfig
        keep(
            vpc: input.vpcConfig, deadLetter: input.deadLetterConfig, key: input.kmsKeyArn,
            tracing: input.tracingConfig, snapStart: input.snapStart, fileSystems: input.fileSystemConfigs)
    }

    private mutating func keep(
        vpc: Lambda.VpcConfig?, deadLetter: Lambda.DeadLetterConfig?, key: String?, tracing: Lambda.TracingConfig?,
        snapStart: Lambda.SnapStart?, fileSystems: [Lambda.FileSystemConfig]?
    ) {
        if let vpc {
            settings["VpcConfig"] = [
                "SubnetIds": .array((vpc.subnetIds ?? []).map(JSON.string)),
                "SecurityGroupIds": .array((vpc.securityGroupIds ?? []).map(JSON.string)),
                "Ipv6AllowedForDualStack": .bool(vpc.ipv6AllowedForDualStack ?? false),
            ]
        }
        if let target = deadLetter?.targetArn { settings["DeadLetterConfig"] = ["TargetArn": .string(target)] }
        if let key { settings["KMSKeyArn"] = .string(key) }
        if let mode = tracing?.mode { settings["TracingConfig"] = ["Mode": .string(mode.rawValue)] }
        if let applyOn = snapStart?.applyOn { settings["SnapStart"] = ["ApplyOn": .string(applyOn.rawValue)] }
        if let fileSystems {
            settings["FileSystemConfigs"] = .array(
                fileSystems.map { ["Arn": .string($0.arn), "LocalMountPath": .string($0.localMountPath)] })
        }
        if environment != nil { settings["HasEnvironment"] = true }
    }

    func apply(to version: inout FunctionVersionRecord) {
        if let role { version.role = role }
        if let handler { version.handler = handler }
        if let summary { version.summary = summary }
        if let timeout { version.timeoutSeconds = timeout }
        if let memorySize { version.memorySizeMB = memorySize }
        if let runtime { version.runtime = runtime }
        if let environment { version.environment = environment }
        if let ephemeralStorage { version.ephemeralStorageMB = ephemeralStorage }
        if let architectures { version.architectures = architectures }
        if let logging { apply(logging, to: &version) }
        for (name, value) in settings { version.settings[name] = value.isNull ? nil : value }
    }

    private func apply(_ change: Lambda.LoggingConfig, to version: inout FunctionVersionRecord) {
        if let format = change.logFormat.flatMap({ LoggingConfiguration.Format(rawValue: $0.rawValue) }) {
            version.logging.format = format
            if format == .text {
                version.logging.applicationLevel = nil
                version.settings["SystemLogLevel"] = nil
            }
        }
        if let group = change.logGroup { version.logging.group = group }
        guard version.logging.format == .json else { return }
        if let level = change.applicationLogLevel { version.logging.applicationLevel = level.rawValue }
        if let level = change.systemLogLevel { version.settings["SystemLogLevel"] = .string(level.rawValue) }
    }

    // MARK: Checks

    /// Members as callers wrote them, in order, for the limit that Lambda measures on their JSON.
    private static func checked(_ environment: Lambda.Environment) throws(AWSError) -> [String: String] {
        let variables = environment.variables ?? [:]
        let reserved = variables.keys.filter(reservedVariables.contains).sorted()
        guard reserved.isEmpty else {
            throw LambdaError.invalidParameter(
                "Lambda was unable to configure your environment variables because the environment variables you have "
                    + "provided contains reserved keys that are currently not supported for modification. Reserved keys "
                    + "used in this request: \(reserved.joined(separator: ", "))")
        }
        let measured = JSON.object(
            JSONObject(Self.inOrder(environment).map { ($0, .string(variables[$0] ?? "")) })
        ).text()
        guard measured.utf8.count <= 4096 else {
            throw LambdaError.invalidParameter(
                "Lambda was unable to configure your environment variables because the environment variables you have "
                    + "provided exceeded the 4KB limit. String measured: \(measured)")
        }
        return variables
    }

    private static func inOrder(_ environment: Lambda.Environment) -> [String] {
        guard case .map(let entries) = environment.record[member: "Variables"] else { return [] }
        return entries.map(\.key)
    }

    private static let reservedVariables: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    ]

    /// Refuses runtimes that Lambda has retired and those that it never had.
    func checkRuntime() throws(AWSError) {
        guard let runtime else { return }
        if Self.retiredRuntimes.contains(runtime) {
            throw LambdaError.invalidParameter(
                "The runtime parameter of \(runtime) is no longer supported for creating or updating AWS Lambda "
                    + "functions. We recommend you use a supported runtime while creating or updating functions.")
        }
        // Not one of Lambda's: whoever names it knows this host.
        if runtime == "exec" { return }
        guard Self.runtimes.contains(runtime) else {
            throw LambdaError.invalidParameter(
                "Value \(runtime) at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
                    + "[\(Self.runtimes.joined(separator: ", "))] or be a valid ARN")
        }
    }

    /// In the order in which Lambda names them.
    static let runtimes = [
        "nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x", "java25",
        "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8", "python3.9", "java17",
        "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2",
    ]

    private static let retiredRuntimes: Set<String> = [
        "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x",
        "python2.7", "python3.6", "python3.7", "ruby2.5", "ruby2.7", "java8", "go1.x", "dotnetcore1.0",
        "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "dotnet5.0", "dotnet7", "provided",
    ]
}
