import Core
import Synchronization

/// Puts the signature into envelopes when they are read from a queue, once for all queues that a message went to.
public final class NotificationSeals: MessageSealing {
    /// Signatures that are remembered.
    private static let limit = 4096
    private static let gap = #""Signature":"""#

    fileprivate struct Memory {
        var signatures: [String: String] = [:]
        var order: [String] = []
        var next = 0
    }

    private let signer: NotificationSigner
    private let memory = Mutex(Memory())

    public init(_ signer: NotificationSigner) { self.signer = signer }

    /// - Parameter seal: the signature version.
    public func complete(_ body: String, seal: String) -> String {
        // Within the texts of an envelope quotation marks are escaped, so the first place is the member itself.
        guard let gap = body.firstRange(ofUTF8: Self.gap), let signature = signature(body, seal) else { return body }
        return body[..<gap.lowerBound] + #""Signature":""# + signature + "\"" + body[gap.upperBound...]
    }

    private func signature(_ body: String, _ version: String) -> String? {
        guard let json = try? JSON(parsing: body), let id = json["MessageId"]?.stringValue,
            let message = json["Message"]?.stringValue, let timestamp = json["Timestamp"]?.stringValue,
            let topic = json["TopicArn"]?.stringValue
        else { return nil }
        if let known = memory.withLock({ $0.signatures[id] }) { return known }
        let text = SignedText.notification(
            message: message, messageID: id, subject: json["Subject"]?.stringValue, timestamp: timestamp, topic: topic)
        let signature = signer.sign(text, version: version)
        memory.withLock { $0.remember(signature, for: id, limit: Self.limit) }
        return signature
    }
}

extension NotificationSeals.Memory {
    fileprivate mutating func remember(_ signature: String, for id: String, limit: Int) {
        guard signatures.updateValue(signature, forKey: id) == nil else { return }
        if order.count < limit {
            order.append(id)
        } else {
            signatures[order[next]] = nil
            order[next] = id
            next = (next + 1) % limit
        }
    }
}

extension String {
    /// The first place of an ASCII text.
    fileprivate func firstRange(ofUTF8 text: String) -> Range<String.Index>? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return nil }
        var start = utf8.startIndex
        while let candidate = utf8[start...].firstIndex(of: first) {
            guard let end = utf8.index(candidate, offsetBy: wanted.count, limitedBy: utf8.endIndex) else { return nil }
            if utf8[candidate..<end].elementsEqual(wanted) { return candidate..<end }
            start = utf8.index(after: candidate)
        }
        return nil
    }
}
