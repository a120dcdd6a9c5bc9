/// A closure of a caller that waits, without its result's type. Touched by one thread at a time: first the caller's,
/// then the engine's, then the caller's again.
class Job: @unchecked Sendable {
    fileprivate var caller: UnsafeContinuation<Void, Never>?
    /// Callers answered by the same commit, which this one's caller lets go on.
    fileprivate var followers: ArraySlice<Job> = []

    /// Runs the closure and keeps its result or error; says whether it succeeded.
    func run(in transaction: Transaction) -> Bool { fatalError("Job is abstract") }

    /// Replaces a success by an error. An error that the closure itself threw stays.
    func fail(_ error: StorageError) { fatalError("Job is abstract") }

    /// Lets go of what the closure holds.
    func release() { fatalError("Job is abstract") }

    /// The closure's error, when that is the store's own.
    var storageError: StorageError? { fatalError("Job is abstract") }

    /// Hands the job over and waits until it has been answered. `submit` says whether it was taken.
    final func await(_ submit: (Job) -> StorageError?) async {
        await withUnsafeContinuation { caller in
            self.caller = caller
            if let refusal = submit(self) {
                fail(refusal)
                caller.resume()
            }
        }
        for follower in followers { follower.caller?.resume() }
        followers = []
    }

    /// Lets the callers of a batch go on. What their closures hold is let go before: it must not outlive the answer for
    /// as long as this thread happens to keep the batch.
    ///
    /// Waking the pool from a thread outside costs far more than waking a task from within it, so this wakes only the
    /// first caller, and that one wakes the others.
    static func resume(_ batch: [Job]) {
        guard let first = batch.first else { return }
        for job in batch { job.release() }
        first.followers = batch.dropFirst()
        first.caller?.resume()
    }
}

final class TypedJob<Value: Sendable>: Job, @unchecked Sendable {
    private var body: (@Sendable (Transaction) throws -> Value)?
    private var result: Result<Value, any Error>?

    init(_ body: @escaping @Sendable (Transaction) throws -> Value) { self.body = body }

    override func run(in transaction: Transaction) -> Bool {
        guard let body else { return false }
        do {
            result = .success(try body(transaction))
            return true
        } catch {
            result = .failure(error)
            return false
        }
    }

    override func release() { body = nil }

    override func fail(_ error: StorageError) {
        if case .failure = result { return }
        result = .failure(error)
    }

    override var storageError: StorageError? {
        if case .failure(let error) = result { error as? StorageError } else { nil }
    }

    func value() throws -> Value {
        guard let result else { throw StorageError(.internal, "the closure was never run") }
        return try result.get()
    }
}
