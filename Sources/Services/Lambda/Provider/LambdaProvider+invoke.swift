import AWSModels
import Core
import Events
import Functions
import NIOCore
import StatesLanguage
import Wire

extension LambdaProvider {
    static let synchronousLimit = 6_291_456
    static let asynchronousLimit = 1_048_576

    public func invoke(
        _ input: Lambda.InvocationRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.InvocationResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let function = try resolve(name)
        try input.refuseUnsupported()
        let payload = try Self.payload(input.payload, input.invocationType ?? .requestResponse)
        try Self.check(clientContext: input.clientContext)
        switch input.invocationType ?? .requestResponse {
        case .dryRun: return Lambda.InvocationResponse { $0.statusCode = 204 }
        case .event: return try await enqueue(function, payload, input.clientContext, context)
        default: break
        }
        let result = await invoker.invoke(
            function, payload: ByteBuffer(bytes: payload),
            context: invocation(context, clientContext: input.clientContext, wantsLogTail: input.logType == .tail))
        if case .rejected(let rejection) = result.outcome { throw Self.error(rejection) }
        return Lambda.InvocationResponse {
            $0.statusCode = 200
            $0.functionError = result.functionError
            $0.logResult = result.logTail.map(Base64.encode)
            $0.payload = Blob(Array(result.payload.readableBytesView))
            $0.executedVersion = result.executedVersion
        }
    }

    /// The older form of an invocation as an event.
    public func invokeAsync(
        _ input: Lambda.InvokeAsyncRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.InvokeAsyncResponse {
        let function = try resolve(FunctionName(input.functionName, nil, context))
        let arguments = try await input.invokeArgs.collect(upTo: Self.asynchronousLimit)
        _ = try await enqueue(function, try Self.payload(Blob(arguments), .event), nil, context)
        return Lambda.InvokeAsyncResponse { $0.status = 202 }
    }

    /// Accepted means durable: the answer comes after the commit.
    private func enqueue(
        _ function: ResolvedFunction, _ payload: [UInt8], _ clientContext: String?, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.InvocationResponse {
        let delivery = function.asyncInvocation(
            payload: payload, requestID: context.requestID, trace: invoker.trace(of: context.traceHeader),
            clientContext: Self.decoded(clientContext))
        try await write { transaction in try self.outbox.enqueue(delivery, in: transaction) }
        return Lambda.InvocationResponse { $0.statusCode = 202 }
    }

    func resolve(_ name: FunctionName) throws(AWSError) -> ResolvedFunction {
        guard let function = invoker.directory.resolve(name.name, qualifier: name.qualifier, name.scope) else {
            throw name.missing(name.qualifiedARN)
        }
        return function
    }

    func invocation(
        _ context: RequestContext, clientContext: String?, wantsLogTail: Bool
    ) -> InvocationContext {
        InvocationContext(
            requestID: context.requestID, clientContext: Self.decoded(clientContext),
            traceHeader: context.traceHeader, wantsLogTail: wantsLogTail)
    }

    static func check(clientContext text: String?) throws(AWSError) {
        guard let text, !text.isEmpty else { return }
        guard let bytes = Base64.decode(text), (try? JSON(parsing: bytes))?.objectValue != nil else {
            throw LambdaError.invalidContent("Client context must be a valid Base64-encoded JSON object.")
        }
    }

    /// Clients send it as Base64, runtimes receive it as JSON.
    private static func decoded(_ clientContext: String?) -> String? {
        guard let clientContext else { return nil }
        return Base64.decode(clientContext).flatMap { String(validating: $0, as: UTF8.self) } ?? clientContext
    }

    static func error(_ rejection: InvocationRejection) -> AWSError {
        switch rejection.reason {
        case .reservedConcurrency, .accountConcurrency, .queueFull:
            AWSError(rejection.code, rejection.message, status: 429).with("Reason", .string(rejection.reason.rawValue))
                .with("Type", "User")
        case .payloadTooLarge: LambdaError.tooLarge(rejection.message)
        case .notFound: LambdaError.notFound(rejection.message)
        case .shuttingDown, .hostFailure:
            AWSError(rejection.code, rejection.message, status: rejection.status, isSender: false)
        }
    }

    // MARK: Payloads

    /// An event is JSON; none is an empty object.
    static func payload(_ blob: Blob?, _ type: Lambda.InvocationType) throws(AWSError) -> [UInt8] {
        guard let bytes = blob?.bytes, !bytes.isEmpty else { return Array("{}".utf8) }
        let limit = type == .event ? asynchronousLimit : synchronousLimit
        guard bytes.count <= limit else {
            throw LambdaError.tooLarge(
                "\(bytes.count) byte payload is too large for the \(type.rawValue) invocation type (limit \(limit) "
                    + "bytes)")
        }
        if (try? JSON(parsing: bytes)) == nil { throw PayloadObjection(bytes).error }
        return bytes
    }
}

/// Why a payload is no JSON, in the words of the parser that Lambda uses.
struct PayloadObjection {
    private let message: String
    private let source: String

    private static let expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

    init(_ bytes: [UInt8]) {
        let start = bytes.firstIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? 0
        guard start < bytes.count else {
            self.init("No content to map due to end-of-input", column: bytes.count + 1)
            return
        }
        let first = bytes[start]
        let token = bytes[start...].prefix { Self.isIdentifier($0) }
        if first >= 0x80 || first < 0x20 {
            self.init(
                "Unexpected character ((CTRL-CHAR, code \(first))): expected a valid value \(Self.expected)",
                column: start + 1)
        } else if let end = Self.brokenEnd(of: bytes[start...], after: token) {
            self.init("Invalid UTF-8 start byte 0x\(String(bytes[end], radix: 16))", column: end + 2)
        } else if Self.isIdentifier(first), !token.isEmpty, !(0x30...0x39).contains(first) {
            let text = String(decoding: token, as: UTF8.self)
            self.init("Unrecognized token '\(text)': was expecting \(Self.expected)", column: start + token.count + 1)
        } else if let report = JSONSyntaxReport(String(decoding: bytes, as: UTF8.self), isRedacted: true) {
            self.init(message: report.message, source: report.source)
        } else {
            // Bytes that are no text, within what is JSON otherwise.
            self.init("Invalid UTF-8 start byte", column: start + 1)
        }
    }

    private init(message: String, source: String) {
        self.message = message
        self.source = source
    }

    private init(_ message: String, column: Int) {
        self.init(
            message: message,
            source: "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, "
                + "column: \(column)]")
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
            || byte == 0x24
    }

    /// Where a token that begins like a literal is followed by a byte that begins no character.
    private static func brokenEnd(of bytes: ArraySlice<UInt8>, after token: ArraySlice<UInt8>) -> Int? {
        guard !token.isEmpty, token.endIndex < bytes.endIndex else { return nil }
        let next = bytes[token.endIndex]
        return (0x80...0xC1).contains(next) || next >= 0xF5 ? token.endIndex : nil
    }

    var error: AWSError {
        AWSError(
            "InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json: \(message)\n at \(source)"
        ).with("Type", "User")
    }
}
