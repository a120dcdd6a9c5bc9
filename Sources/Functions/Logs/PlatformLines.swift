import Core

/// The lines that Lambda itself writes around an invocation, in the text or the JSON format.
struct PlatformLines: Sendable {
    var format: LoggingConfiguration.Format
    var version: String

    func initStart(_ function: FunctionConfiguration, _ origin: RuntimeInstance.Origin, at time: Timestamp) -> String {
        let runtime = RuntimeVersion(runtime: function.runtime, region: function.reference.scope.region)
        switch format {
        case .text: return "INIT_START Runtime Version: \(runtime.name)\tRuntime Version ARN: \(runtime.arn)\n"
        case .json:
            return record(
                "platform.initStart", time,
                [
                    "initializationType": .string(origin == .provisioned ? "provisioned-concurrency" : "on-demand"),
                    "phase": origin == .withinInvocation ? "invoke" : "init", "runtimeVersion": .string(runtime.name),
                    "runtimeVersionArn": .string(runtime.arn),
                    "functionName": .string(function.reference.functionName), "functionVersion": .string(version),
                ])
        }
    }

    func initReport(milliseconds: Double, phase: String, status: String, errorType: String?, at time: Timestamp)
        -> String
    {
        switch format {
        case .text:
            return "INIT_REPORT Init Duration: \(Self.twoDecimals(milliseconds)) ms\tPhase: \(phase)\tStatus: \(status)"
                + (errorType.map { "\tError Type: \($0)" } ?? "") + "\n"
        case .json:
            var fields: JSON = ["initializationType": "on-demand", "phase": .string(phase), "status": .string(status)]
            if let errorType { fields["errorType"] = .string(errorType) }
            fields["metrics"] = ["durationMs": .double(Self.rounded(milliseconds))]
            return record("platform.initReport", time, fields)
        }
    }

    func start(_ requestID: String, at time: Timestamp) -> String {
        switch format {
        case .text: "START RequestId: \(requestID) Version: \(version)\n"
        case .json:
            record("platform.start", time, ["requestId": .string(requestID), "version": .string(version)])
        }
    }

    /// The lines that close an invocation.
    func end(_ requestID: String, _ report: InvocationReport, at time: Timestamp) -> [String] {
        switch format {
        case .text: ["END RequestId: \(requestID)\n", textReport(requestID, report)]
        case .json: [jsonReport(requestID, report, at: time)]
        }
    }

    /// What the log says of an invocation that was killed at its deadline.
    func timedOut(_ requestID: String, seconds: Int, at time: Timestamp) -> String {
        let message = "\(requestID) Task timed out after \(seconds).00 seconds"
        switch format {
        case .text: return "\(time) \(message)\n\n"
        case .json: return applicationLine(message, at: time)
        }
    }

    /// What the log says of a process that ended in the middle of an invocation.
    func exited(_ requestID: String, message: String, errorType: String, at time: Timestamp) -> String {
        switch format {
        case .text: "\(message)\n\(errorType)\n"
        case .json: applicationLine("\(message) \(errorType)", at: time)
        }
    }

    private func applicationLine(_ message: String, at time: Timestamp) -> String {
        let line: JSON = ["timestamp": .string("\(time)"), "level": "ERROR", "message": .string(message)]
        return line.text() + "\n"
    }

    private func textReport(_ requestID: String, _ report: InvocationReport) -> String {
        var line = "REPORT RequestId: \(requestID)\tDuration: \(Self.twoDecimals(report.durationMilliseconds)) ms\t"
        line += "Billed Duration: \(report.billedMilliseconds) ms\tMemory Size: \(report.memorySizeMB) MB\t"
        line += "Max Memory Used: \(report.maxMemoryUsedMB) MB\t"
        if let milliseconds = report.initMilliseconds {
            line += "Init Duration: \(Self.twoDecimals(milliseconds)) ms\t"
        }
        switch report.status {
        case .success: break
        case .timeout: line += "Status: timeout"
        case .error:
            if let type = report.errorType { line += "Status: error\tError Type: \(type)" }
        }
        return line + "\n"
    }

    private func jsonReport(_ requestID: String, _ report: InvocationReport, at time: Timestamp) -> String {
        var metrics: JSON = [
            "durationMs": .double(Self.rounded(report.durationMilliseconds)),
            "billedDurationMs": .int(report.billedMilliseconds), "memorySizeMB": JSON(report.memorySizeMB),
            "maxMemoryUsedMB": JSON(report.maxMemoryUsedMB),
        ]
        if let milliseconds = report.initMilliseconds {
            metrics["initDurationMs"] = .double(Self.rounded(milliseconds))
        }
        var fields: JSON = ["requestId": .string(requestID), "metrics": metrics]
        fields["status"] = .string(report.status.rawValue)
        if let type = report.errorType { fields["errorType"] = .string(type) }
        return record("platform.report", time, fields)
    }

    private func record(_ type: String, _ time: Timestamp, _ fields: JSON) -> String {
        let line: JSON = ["time": .string("\(time)"), "type": .string(type), "record": fields]
        return line.text() + "\n"
    }

    /// `12.30`, without a formatter's cost: it is written with each invocation.
    static func twoDecimals(_ value: Double) -> String {
        let hundredths = Int64(exactly: (value * 100).rounded()) ?? 0
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
