import Core
import StatesLanguage

/// Items in JSON documents and lines.
enum JSONItems {
    static func document(_ bytes: [UInt8], pointer: String?) throws(TaskFailure) -> [SourceItem] {
        var value = try parse(bytes[...], "The file is not JSON")
        if let pointer, !pointer.isEmpty {
            guard let found = value.value(at: pointer) else {
                throw ItemReading.failure("The ItemsPointer '\(pointer)' leads to nothing.")
            }
            value = found
        }
        switch value {
        case .array(let items): return items.map { SourceItem(key: nil, value: $0) }
        case .object(let object) where pointer != nil:
            return object.map { SourceItem(key: $0.key, value: $0.value) }
        default: throw ItemReading.failure("Attempting to map over non-iterable node.")
        }
    }

    static func lines(_ bytes: [UInt8], limit: Int) throws(TaskFailure) -> [SourceItem] {
        var items: [SourceItem] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        where items.count < limit {
            number += 1
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            items.append(SourceItem(key: nil, value: try parse(line, "Line \(number) is not JSON")))
        }
        return items
    }

    private static func parse(_ bytes: ArraySlice<UInt8>, _ what: String) throws(TaskFailure) -> JSON {
        do throws(JSONParseError) {
            return try JSON(parsing: bytes)
        } catch {
            throw ItemReading.failure("\(what): \(error)")
        }
    }
}

extension JSON {
    /// What a JSON pointer (RFC 6901) leads to.
    fileprivate func value(at pointer: String) -> JSON? {
        var value = self
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = part.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            guard let next = value[key: name] ?? Int(name).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value
    }

    private subscript(key name: String) -> JSON? { objectValue?[name] }
}
