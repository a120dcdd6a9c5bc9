import Storage
import Wire

/// A provider whose operations are transactions, and whose own errors are AWS's already.
protocol TransactingProvider: Sendable {
    var database: Database { get }
}

extension TransactingProvider {
    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.write(body)
        } catch {
            throw error as? AWSError ?? .internalFailure(String(describing: error))
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw error as? AWSError ?? .internalFailure(String(describing: error))
        }
    }
}
