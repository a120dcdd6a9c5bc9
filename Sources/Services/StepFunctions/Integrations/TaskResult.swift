import Core
import StatesLanguage
import Wire
import Workflows

/// The output of a service's operation, written as the result of a task: names in Pascal case, bytes as text.
struct TaskResult {
    let style: SDKService.Style
    /// For the message about results that are too large.
    let resourceType: String

    /// In bytes: more than any result may have.
    private static let bodyLimit = 262_144

    func json(_ record: Record) async throws(TaskFailure) -> JSONObject {
        var object = JSONObject()
        for member in record.schema.members {
            let name = SDKService.capitalized(member.name)
            let value = record[raw: member.index]
            if case .stream(let stream) = value {
                object[name] = .string(try await text(stream))
            } else if case .absent = value {
                // The SDK makes an empty map of headers that are not there.
                if style == .sdk, member.location == .prefixHeaders { object[name] = .object(JSONObject()) }
            } else {
                object[name] = json(value)
            }
        }
        return object
    }

    private func text(_ stream: ByteStream) async throws(TaskFailure) -> String {
        let bytes: [UInt8]
        do throws(AWSError) {
            bytes = try await stream.collect(upTo: Self.bodyLimit)
        } catch {
            throw .tooLarge(resourceType)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Depth is bounded by the shapes and by what the services themselves take.
    private func json(_ value: Value) -> JSON {
        switch value {
        case .absent, .stream, .events: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .timestamp(let instant): return json(instant)
        case .blob(let bytes):
            return .string(String(validating: bytes, as: UTF8.self) ?? Base64.encode(bytes))
        case .list(let elements): return .array(elements.map(json))
        case .map(let entries): return .object(JSONObject(entries.map { ($0.key, json($0.value)) }))
        case .structure(let record):
            var object = JSONObject()
            for member in record.schema.members where record.has(member.index) {
                object[SDKService.capitalized(member.name)] = json(record[raw: member.index])
            }
            return .object(object)
        case .document(let json): return json
        }
    }

    private func json(_ instant: Timestamp) -> JSON {
        switch style {
        case .optimized: .int(instant.milliseconds)
        case .sdk: .string(CivilTime(instant).iso8601(milliseconds: instant.milliseconds % 1000 != 0))
        }
    }
}

extension TaskFailure {
    static func tooLarge(_ resourceType: String) -> TaskFailure {
        TaskFailure(
            error: ErrorName.dataLimitExceeded,
            cause:
                "The state/task '\(resourceType)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit.")
    }
}
