extension FunctionConfiguration {
    /// Environment variables that Lambda keeps for itself.
    static let reservedVariables: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    ]

    /// Checks the numbers and names that Lambda limits.
    public func validate() throws(FunctionError) {
        try Self.check(memorySizeMB, in: 128...10_240, "MemorySize", "MB")
        try Self.check(timeoutSeconds, in: 1...900, "Timeout", "seconds")
        try Self.check(ephemeralStorageMB, in: 512...10_240, "EphemeralStorage.Size", "MB")
        try Self.check(provisionedConcurrency, in: 0...1000, "ProvisionedConcurrentExecutions", "instances")
        if let reservedConcurrency {
            try Self.check(reservedConcurrency, in: 0...10_000, "ReservedConcurrentExecutions", "invocations")
            guard provisionedConcurrency <= reservedConcurrency else {
                throw FunctionError(
                    .invalidConfiguration,
                    "ProvisionedConcurrentExecutions (\(provisionedConcurrency)) is above "
                        + "ReservedConcurrentExecutions (\(reservedConcurrency)): lower it or raise the other")
            }
        }
        guard layers.count <= 5 else {
            throw FunctionError(.invalidConfiguration, "Layers: \(layers.count) given, at most 5 are allowed")
        }
        try validateName()
        try validateEnvironment()
    }

    private func validateName() throws(FunctionError) {
        let allowed = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        let name = reference.functionName.utf8
        guard (1...140).contains(name.count), name.allSatisfy(allowed) else {
            throw FunctionError(
                .invalidConfiguration,
                "FunctionName \"\(reference.functionName)\": use 1 to 140 letters, digits, hyphens and underscores")
        }
    }

    private func validateEnvironment() throws(FunctionError) {
        var size = 0
        for (name, value) in environment {
            size += name.utf8.count + value.utf8.count
            guard let first = name.utf8.first, first != UInt8(ascii: "="), !name.utf8.contains(UInt8(ascii: "=")),
                !name.utf8.contains(0), !value.utf8.contains(0)
            else {
                throw FunctionError(
                    .invalidConfiguration,
                    "Environment variable \"\(name)\": a name has at least one character and no \"=\", "
                        + "and neither name nor value holds a zero byte")
            }
            guard !Self.reservedVariables.contains(name) else {
                throw FunctionError(
                    .invalidConfiguration,
                    "Environment variable \"\(name)\" is reserved: the host sets it; choose another name")
            }
        }
        guard size <= 4096 else {
            throw FunctionError(
                .invalidConfiguration, "Environment variables take \(size) bytes; at most 4096 are allowed")
        }
    }

    private static func check(
        _ value: Int, in range: ClosedRange<Int>, _ field: String, _ unit: String
    ) throws(FunctionError) {
        guard !range.contains(value) else { return }
        throw FunctionError(
            .invalidConfiguration,
            "\(field) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound) \(unit)")
    }
}
