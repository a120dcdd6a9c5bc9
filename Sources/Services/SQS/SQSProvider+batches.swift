import AWSModels
import Core
import Messaging
import Storage
import Wire

extension SQSProvider {
    /// Checks what all batches have in common: one to ten entries with proper names of their own.
    func validateBatch(_ ids: [String], _ context: RequestContext) throws(AWSError) {
        let message: AWSError? =
            if ids.isEmpty {
                SQS.Errors.emptyBatchRequest(
                    "There should be at least one \(context.operation)RequestEntry in the request.")
            } else if ids.count > 10 {
                SQS.Errors.tooManyEntriesInBatchRequest(
                    "Maximum number of entries per request are 10. You have sent \(ids.count).")
            } else if !ids.allSatisfy(Self.isEntryID) {
                SQS.Errors.invalidBatchEntryId(
                    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                        + "It can be at most 80 letters long.")
            } else if let repeated = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
                SQS.Errors.batchEntryIdsNotDistinct("Id \(repeated) repeated.")
            } else {
                nil
            }
        if let message { throw Self.detail(message, context) }
    }

    private static func isEntryID(_ id: String) -> Bool {
        (1...80).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    /// Runs every entry in one transaction, each in a part of it that can fail alone.
    func batch<Entry: Sendable>(
        _ url: String, _ entries: [(id: String, entry: Entry)], _ context: RequestContext,
        _ body: @escaping @Sendable (Queue, Entry, Transaction) throws -> Void
    ) async throws(AWSError) -> (done: [String], failed: [SQS.BatchResultErrorEntry]) {
        let queue = try queue(url, context)
        try validateBatch(entries.map(\.id), context)
        let outcomes = try await change(queue, context) { transaction in
            try entries.map { id, entry -> (String, MessagingError?) in
                do {
                    // What fails here has changed nothing yet, so there is nothing to undo.
                    try body(queue, entry, transaction)
                    return (id, nil)
                } catch let error as MessagingError {
                    return (id, error)
                }
            }
        }
        return (
            outcomes.filter { $0.1 == nil }.map(\.0),
            outcomes.compactMap { id, error in error.map { failure(id, Self.error($0, context)) } }
        )
    }

    /// One entry that failed, with the code that the query protocol would send.
    func failure(_ id: String, _ error: AWSError) -> SQS.BatchResultErrorEntry {
        SQS.BatchResultErrorEntry {
            $0.id = id
            $0.senderFault = error.isSender
            $0.code = Self.entryCodes[error.code] ?? error.code
            $0.message = error.message
        }
    }

    private static let entryCodes = [
        "InvalidParameterValueException": "InvalidParameterValue",
        "MissingRequiredParameterException": "MissingParameter",
    ]
}
