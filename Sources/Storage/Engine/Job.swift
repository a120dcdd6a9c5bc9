/// A closure of a caller that waits, without its result's type. Touched by one thread at a time: first the caller's,
/// then the engine's.
class Job: @unchecked Sendable {
    /// Runs the closure and keeps its result or error; says whether it succeeded.
    func run(in transaction: Transaction) -> Bool { fatalError("Job is abstract") }

    /// Replaces a success by an error. An error that the closure itself threw stays.
    func fail(_ error: StorageError) { fatalError("Job is abstract") }

    /// The closure's error, when that is the store's own.
    var storageError: StorageError? { fatalError("Job is abstract") }

    /// Lets the caller go on with what was kept.
    func resume() { fatalError("Job is abstract") }
}

final class TypedJob<Value: Sendable>: Job, @unchecked Sendable {
    private let body: @Sendable (Transaction) throws -> Value
    private let caller: UnsafeContinuation<Value, any Error>
    private var result: Result<Value, any Error>?

    init(_ body: @escaping @Sendable (Transaction) throws -> Value, _ caller: UnsafeContinuation<Value, any Error>) {
        self.body = body
        self.caller = caller
    }

    override func run(in transaction: Transaction) -> Bool {
        do {
            result = .success(try body(transaction))
            return true
        } catch {
            result = .failure(error)
            return false
        }
    }

    override func fail(_ error: StorageError) {
        if case .failure = result { return }
        result = .failure(error)
    }

    override var storageError: StorageError? {
        if case .failure(let error) = result { error as? StorageError } else { nil }
    }

    override func resume() {
        switch result {
        case .success(let value): caller.resume(returning: value)
        case .failure(let error): caller.resume(throwing: error)
        case nil: caller.resume(throwing: StorageError(.internal, "the closure was never run"))
        }
    }
}
