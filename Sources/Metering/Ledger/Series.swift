import Core

/// What usage is summed under, besides its day.
struct Series: Hashable, Sendable {
    var account: String
    var region: String
    var metric: Metric
    var resource: String
    /// The state machine on whose behalf it was used, or empty.
    var workflow: String

    /// The state machine's ARN, from that of one of its executions:
    /// `arn:aws:states:R:A:execution:NAME:ID` or `…:express:NAME:ID:UUID`. Runs with every record, so it cuts the text
    /// where the ARN's colons are and makes nothing on the way.
    static func workflow(ofExecution execution: String) -> String {
        let bytes = execution.utf8
        var colons: [String.Index] = []
        colons.reserveCapacity(7)
        var position = bytes.startIndex
        while colons.count < 7, let colon = bytes[position...].firstIndex(of: 0x3A) {
            colons.append(colon)
            position = bytes.index(after: colon)
        }
        guard colons.count == 7 else { return execution }
        let kind = bytes[bytes.index(after: colons[4])..<colons[5]]
        guard kind.elementsEqual("execution".utf8) || kind.elementsEqual("express".utf8) else { return execution }
        return "\(execution[...colons[4]])stateMachine\(execution[colons[5]..<colons[6]])"
    }
}
