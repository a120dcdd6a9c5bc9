/// A request with places for a number. The mark is as long as the number, so that no length changes with it.
struct Template {
    static let mark = Array("{nnnnnnnn}".utf8)

    let bytes: [UInt8]
    private let places: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        places = bytes.places(of: Self.mark)
    }

    /// Writes the number into a copy of `bytes`.
    func write(_ number: Int, into copy: inout [UInt8]) {
        for place in places {
            var rest = number
            for digit in (place..<place + Self.mark.count).reversed() {
                copy[digit] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
    }
}

/// A DeleteMessageBatch for the messages of one answer to a ReceiveMessage.
struct DeletionTemplate {
    private let parts: [ArraySlice<UInt8>]

    init(_ bytes: [UInt8]) throws(Failure) {
        let length = Array("{length}".utf8)
        let entries = Array("{entries}".utf8)
        guard let first = bytes.places(of: length).first, let second = bytes.places(of: entries).first, first < second
        else { throw Failure(text: "--delete: the request has no {length} before an {entries}") }
        parts = [bytes[..<first], bytes[(first + length.count)..<second], bytes[(second + entries.count)...]]
    }

    /// Nil when the answer holds no message.
    func request(deleting answer: [UInt8]) -> [UInt8]? {
        let key = Array("\"ReceiptHandle\"".utf8)
        var entries: [UInt8] = []
        for (index, place) in answer.places(of: key).enumerated() {
            // The value's text goes into the request as it came, escapes and all.
            guard let opening = answer[(place + key.count)...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            var closing = opening + 1
            while closing < answer.count, answer[closing] != UInt8(ascii: "\"") {
                closing += answer[closing] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard closing < answer.count else { return nil }
            entries += (entries.isEmpty ? "" : ",").utf8
            entries += "{\"Id\":\"\(index)\",\"ReceiptHandle\":".utf8
            entries += answer[opening...closing]
            entries.append(UInt8(ascii: "}"))
        }
        if entries.isEmpty { return nil }
        let head = Array("\r\n\r\n".utf8)
        let bodyStart = parts[1].places(of: head).first.map { $0 + head.count } ?? parts[1].endIndex
        let length = parts[1].endIndex - bodyStart + entries.count + parts[2].count
        return parts[0] + Array("\(length)".utf8) + parts[1] + entries + parts[2]
    }

    /// How many messages the answer says are gone: failed entries have a code beside their name.
    func deleted(in answer: [UInt8]) -> Int {
        answer.places(of: Array("\"Id\"".utf8)).count - answer.places(of: Array("\"Code\"".utf8)).count
    }
}

extension Collection<UInt8> where Index == Int {
    /// Where the other bytes begin in these, without overlaps.
    func places(of other: [UInt8]) -> [Int] {
        var found: [Int] = []
        var index = startIndex
        while index + other.count <= endIndex {
            if self[index] == other[0], self[index..<index + other.count].elementsEqual(other) {
                found.append(index)
                index += other.count
            } else {
                index += 1
            }
        }
        return found
    }
}
