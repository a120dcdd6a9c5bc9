/// A service's model together with the code that answers its operations.
public struct AWSService: Sendable {
    public typealias Handler = @Sendable (Record, RequestContext) async throws(AWSError) -> Record

    public let traits: ServiceTraits
    private let read: @Sendable () -> ServiceModel
    /// Nil when pages of other origins are kept away altogether.
    public var crossOrigin: (any CrossOriginPolicy)?
    /// What to say of a request that is none of the operations; the request has the bucket of a virtual host in its
    /// path.
    public var unroutable: @Sendable (WireRequest) -> AWSError = { .unknownOperation("\($0.method) \($0.path)") }
    /// By the operations' indices; nil where an operation is not built.
    private var handlers: [Handler?] = []

    /// - Parameter model: asked when the first request needs it, since reading it takes a moment.
    public init(_ traits: ServiceTraits, _ model: @escaping @Sendable () -> ServiceModel) {
        self.traits = traits
        read = model
    }

    public var model: ServiceModel { read() }

    /// Answers the operation of that index by the function. Generated code calls this once an operation.
    public mutating func on<Input: Shape, Output: Shape>(
        _ index: Int, _ body: @escaping @Sendable (Input, RequestContext) async throws(AWSError) -> Output
    ) {
        set(index) { (input, context) async throws(AWSError) -> Record in
            try await body(Input(record: input), context).record
        }
    }

    /// The same for an operation without a result.
    public mutating func on<Input: Shape>(
        _ index: Int, _ body: @escaping @Sendable (Input, RequestContext) async throws(AWSError) -> Void
    ) {
        set(index) { [read] (input, context) async throws(AWSError) -> Record in
            try await body(Input(record: input), context)
            return Record(read().operations[index].output)
        }
    }

    private mutating func set(_ index: Int, _ handler: @escaping Handler) {
        while handlers.count <= index { handlers.append(nil) }
        handlers[index] = handler
    }

    /// Validates the input and answers the operation.
    public func call(
        _ operation: OperationSchema, _ input: Record, _ context: RequestContext
    ) async throws(AWSError) -> Record {
        guard operation.isSupported, operation.index < handlers.count, let handler = handlers[operation.index] else {
            throw .notImplemented(operation.name, of: traits.title)
        }
        if let code = operation.validationCode ?? traits.validationCode,
            let failure = Validator.failure(of: input, code: code, hidesValues: traits.hidesInvalidValues)
        {
            throw failure
        }
        return try await handler(input, context)
    }
}

/// An operation of a service with the Swift types of its input and output.
public struct Operation<Input: Shape, Output: Shape>: Sendable {
    public let model: ServiceModel
    public let schema: OperationSchema

    public init(_ model: ServiceModel, _ index: Int) {
        self.model = model
        schema = model.operations[index]
    }
}

/// The input or output of operations that have none.
public struct Unit: Shape {
    public static let schema = ShapeSchema(name: "Unit", kind: .structure)
    public var record: Record

    public init(record: Record) { self.record = record }
}
