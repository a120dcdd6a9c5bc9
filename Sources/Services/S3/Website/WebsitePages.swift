import Core
import Wire

/// The pages by which websites report errors.
enum WebsitePage {
    /// - Parameter second: why the website's own page for errors cannot be shown.
    static func response(
        _ error: AWSError, whileShowing second: AWSError? = nil, requestID: String
    ) -> WireResponse {
        let status = error.status ?? 500
        let title = "\(status) \(reasons[status] ?? "Error")"
        let identifiers = [("RequestId", requestID), ("HostId", RequestIDs.extended(requestID))]
        var lines = ["<html>", "<head><title>\(title)</title></head>", "<body>", "<h1>\(title)</h1>"]
        lines += list(facts(of: error) + identifiers)
        if let second {
            lines.append("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>")
            lines += list(facts(of: second))
        }
        lines += ["<hr/>", "</body>", "</html>", ""]
        var response = WireResponse(status: status, body: ByteStream(Array(lines.joined(separator: "\n").utf8)))
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        response.headers["x-amz-error-code"] = error.code
        response.headers["x-amz-error-message"] = error.message
        return response
    }

    private static func facts(of error: AWSError) -> [(String, String)] {
        [("Code", error.code), ("Message", error.message ?? "")]
            + error.details.map { ($0.name, $0.value.stringValue ?? $0.value.text()) }
    }

    private static func list(_ facts: [(String, String)]) -> [String] {
        ["<ul>"] + facts.map { "<li>\($0.0): \(escaped($0.1))</li>" } + ["</ul>"]
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static let reasons = [
        304: "Not Modified", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        412: "Precondition Failed", 416: "Requested Range Not Satisfiable", 500: "Internal Server Error",
        503: "Service Unavailable",
    ]
}
