import AWSModels
import Core
import Functions
import Wire

/// Where in its life Lambda shows a function: changes take effect at once here, and their answers still speak of a
/// change under way, as callers expect.
enum ShownState {
    case creating
    case updating
    case settled
    /// In lists, which leave the last update out.
    case listed
}

extension FunctionVersionRecord {
    /// - Parameters:
    ///   - arn: as the caller is shown it: qualified or not.
    ///   - failure: why the version cannot run on this machine.
    func shape(arn: ARN, _ state: ShownState, failure: String? = nil) -> Lambda.FunctionConfiguration {
        var shape = Lambda.FunctionConfiguration {
            $0.functionName = reference.functionName
            $0.functionArn = "\(arn)"
            $0.runtime = Lambda.Runtime(rawValue: runtime)
            $0.role = role
            $0.handler = handler
            $0.codeSize = code.size
            $0.codeSha256 = code.sha256
            $0.description = summary
            $0.timeout = timeoutSeconds
            $0.memorySize = memorySizeMB
            $0.lastModified = Self.text(of: modifiedAt)
            $0.version = reference.version
            $0.revisionId = revisionID
            $0.packageType = .zip
            $0.architectures = architectures.map(Lambda.Architecture.init(rawValue:))
            $0.ephemeralStorage = Lambda.EphemeralStorage { $0.size = ephemeralStorageMB }
        }
        fillSettings(&shape, state)
        fillState(&shape, state, failure)
        return shape
    }

    private func fillSettings(_ shape: inout Lambda.FunctionConfiguration, _ state: ShownState) {
        if settings["HasEnvironment"] != nil || !environment.isEmpty {
            shape.environment = Lambda.EnvironmentResponse { $0.variables = environment }
        }
        if !layers.isEmpty {
            shape.layers = layers.map { arn in
                Lambda.Layer {
                    $0.arn = arn
                    $0.codeSize = layerCode(arn)?.size ?? 0
                }
            }
        }
        shape.vpcConfig = vpcConfig
        if let target = settings["DeadLetterConfig"]?["TargetArn"]?.stringValue, !target.isEmpty {
            shape.deadLetterConfig = Lambda.DeadLetterConfig { $0.targetArn = target }
        }
        if let key = settings["KMSKeyArn"]?.stringValue, !key.isEmpty { shape.kmsKeyArn = key }
        shape.tracingConfig = Lambda.TracingConfigResponse {
            $0.mode = Lambda.TracingMode(rawValue: settings["TracingConfig"]?["Mode"]?.stringValue ?? "PassThrough")
        }
        let snapStart = settings["SnapStart"]?["ApplyOn"]?.stringValue ?? "None"
        shape.snapStart = Lambda.SnapStartResponse {
            $0.applyOn = Lambda.SnapStartApplyOn(rawValue: snapStart)
            let isOn = snapStart == "PublishedVersions" && reference.version != FunctionVersionReference.latest
            $0.optimizationStatus = isOn ? .on : .off
        }
        if state != .listed {
            shape.runtimeVersionConfig = Lambda.RuntimeVersionConfig {
                $0.runtimeVersionArn = RuntimeVersion(runtime: runtime, region: reference.scope.region).arn
            }
        }
        shape.loggingConfig = loggingConfig
        if let systems = settings["FileSystemConfigs"]?.arrayValue, !systems.isEmpty {
            shape.fileSystemConfigs = systems.map { system in
                Lambda.FileSystemConfig {
                    $0.arn = system["Arn"]?.stringValue ?? ""
                    $0.localMountPath = system["LocalMountPath"]?.stringValue ?? ""
                }
            }
        }
    }

    private func fillState(_ shape: inout Lambda.FunctionConfiguration, _ state: ShownState, _ failure: String?) {
        switch state {
        case .creating:
            shape.state = .pending
            shape.stateReason = "The function is being created."
            shape.stateReasonCode = .creating
        case .updating:
            shape.state = .active
            shape.lastUpdateStatus = .inProgress
            shape.lastUpdateStatusReason = "The function is being created."
            shape.lastUpdateStatusReasonCode = "Creating"
        case .settled where failure != nil:
            shape.state = .failed
            shape.stateReason = failure
            shape.stateReasonCode = "InternalError"
            shape.lastUpdateStatus = .failed
            shape.lastUpdateStatusReason = failure
            shape.lastUpdateStatusReasonCode = "InternalError"
        case .settled:
            shape.state = .active
            shape.lastUpdateStatus = .successful
        case .listed: break
        }
    }

    private var vpcConfig: Lambda.VpcConfigResponse? {
        guard let config = settings["VpcConfig"]?.objectValue else { return nil }
        func texts(_ name: String) -> [String] { config[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let subnets = texts("SubnetIds")
        return Lambda.VpcConfigResponse {
            $0.subnetIds = subnets
            $0.securityGroupIds = texts("SecurityGroupIds")
            $0.vpcId = subnets.isEmpty ? "" : config["VpcId"]?.stringValue ?? ""
            $0.ipv6AllowedForDualStack = config["Ipv6AllowedForDualStack"]?.boolValue ?? false
        }
    }

    private var loggingConfig: Lambda.LoggingConfig {
        Lambda.LoggingConfig {
            $0.logFormat = Lambda.LogFormat(rawValue: logging.format.rawValue)
            $0.logGroup = logging.group ?? "/aws/lambda/\(reference.functionName)"
            guard logging.format == .json else { return }
            $0.applicationLogLevel = Lambda.ApplicationLogLevel(rawValue: logging.applicationLevel ?? "INFO")
            $0.systemLogLevel = Lambda.SystemLogLevel(rawValue: settings["SystemLogLevel"]?.stringValue ?? "INFO")
        }
    }

    /// `2026-11-22T10:31:03.000+0000`
    static func text(of time: Timestamp) -> String { CivilTime(time).iso8601(milliseconds: true).dropLast() + "+0000" }
}

extension AliasRecord {
    var shape: Lambda.AliasConfiguration {
        Lambda.AliasConfiguration {
            $0.aliasArn = "\(arn)"
            $0.name = name
            $0.functionVersion = version
            $0.description = summary
            if !additionalVersionWeights.isEmpty {
                $0.routingConfig = Lambda.AliasRoutingConfiguration {
                    $0.additionalVersionWeights = additionalVersionWeights
                }
            }
            $0.revisionId = revisionID
        }
    }
}
