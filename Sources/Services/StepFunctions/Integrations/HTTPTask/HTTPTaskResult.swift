import Core
import NIOHTTP1
import OutgoingHTTP
import StatesLanguage
import Workflows

/// The response to an HTTP task as its result.
struct HTTPTaskResult {
    private let response: HTTPResponse

    init(_ response: HTTPResponse) { self.response = response }

    /// - Throws: `States.Http.StatusCode.404` and its kin for answers that are no success, `States.Runtime` for bodies
    ///   that are no text.
    func json() throws(TaskFailure) -> JSON {
        let type = (response.header("Content-Type") ?? "").lowercased()
        guard !Self.isBinary(type), let text = String(validating: response.body, as: UTF8.self) else {
            throw TaskFailure(
                error: ErrorName.runtime,
                cause: "The response of the API endpoint is not supported: its body cannot be read as text.")
        }
        guard (200..<300).contains(response.status) else {
            throw TaskFailure(
                error: "States.Http.StatusCode.\(response.status)",
                cause: text.isEmpty ? Self.statusText(response.status) : text)
        }
        return [
            "Headers": .object(headers), "ResponseBody": Self.body(text, type),
            "StatusCode": JSON(response.status), "StatusText": .string(Self.statusText(response.status)),
        ]
    }

    private static func isBinary(_ type: String) -> Bool {
        ["application/octet-stream", "image/", "video/", "audio/"].contains { type.hasPrefix($0) }
    }

    private static func body(_ text: String, _ type: String) -> JSON {
        guard type.contains("json"), let parsed = try? JSON(parsing: text) else { return .string(text) }
        return parsed
    }

    private var headers: JSONObject {
        var headers: JSONObject = [:]
        for (name, value) in response.headers {
            headers[name] = .array((headers[name]?.arrayValue ?? []) + [.string(value)])
        }
        return headers
    }

    static func statusText(_ status: Int) -> String { HTTPResponseStatus(statusCode: status).reasonPhrase }
}
