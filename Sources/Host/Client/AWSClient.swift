import Core
import OutgoingHTTP
import Wire

/// Calls the running host in AWS's own protocols, as every other client does.
struct AWSClient: Sendable {
    /// Scheme, host and port, such as `http://127.0.0.1:4566`.
    let endpoint: String
    let credentials: Credentials
    let region: String
    let http: HTTPClient
    private let clock = SystemClock()

    func call<Input: Shape, Output: Shape>(
        _ operation: Operation<Input, Output>, _ fill: (inout Input) -> Void = { _ in }
    ) async throws -> Output {
        var input = Input()
        fill(&input)
        let model = operation.model
        let wire = model.traits.protocols[0].implementation
        var request = try wire.encodeInput(input.record, operation.schema, of: model)
        request.headers["Host"] = authority
        request.body = ByteStream(try await request.body.collect(upTo: 256 << 20))
        RequestSigner(credentials, region: region, service: model.traits.signingName, clock: clock).sign(&request)
        let response = try await send(request)
        guard (200..<300).contains(response.status) else {
            throw CommandFailure(wire.decodeError(response, of: model), operation: operation.schema.name)
        }
        return Output(record: try wire.decodeOutput(response, operation.schema, of: model))
    }

    /// Sends a request to the host's own admin API and returns the JSON it answers.
    func admin(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        var request = WireRequest(method: method, path: "/_millrace/\(path)")
        request.headers["Host"] = authority
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = ByteStream(body.bytes())
        }
        RequestSigner(credentials, region: region, service: "millrace", clock: clock).sign(&request)
        let response = try await send(request)
        let answer = (try? JSON(parsing: try await response.body.collect(upTo: 64 << 20))) ?? .null
        guard (200..<300).contains(response.status) else {
            throw CommandFailure(
                answer["message"]?.stringValue ?? "the host answered \(response.status) to \(path)",
                exitCode: .init(status: response.status))
        }
        return answer
    }

    private var authority: String {
        endpoint.firstRange(of: "://").map { String(endpoint[$0.upperBound...]) } ?? endpoint
    }

    private func send(_ request: WireRequest) async throws -> WireResponse {
        let query = request.query.isEmpty ? "" : "?\(request.query)"
        let body = try await request.body.collect(upTo: 256 << 20)
        do {
            let response = try await http.send(
                HTTPRequest(
                    request.method, endpoint + request.path + query,
                    headers: request.headers.all.filter { $0.name.lowercased() != "host" }, body: body,
                    timeout: 960_000, responseLimit: 256 << 20))
            return WireResponse(
                status: response.status, headers: HTTPFields(response.headers), body: ByteStream(response.body))
        } catch let error as HTTPClientError {
            guard error.kind == .unreachable else { throw CommandFailure(error.description) }
            throw CommandFailure(
                "no host answers at \(endpoint). Start one with 'millrace up', or name another with --endpoint.",
                exitCode: .unreachable)
        }
    }
}

extension String {
    /// The first place of a text in this one.
    func firstRange(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
