import Core
import Gateway
import Wire

/// The host's own small API for what AWS has no word for: health, plan, bill, triggers. JSON in and out.
struct AdminRoute: HTTPRoute {
    typealias Handler = @Sendable (AdminRequest) async throws -> JSON

    static let prefix = "/_millrace/"
    private let handlers: [String: Handler]

    /// - Parameter handlers: by method and path, such as `GET health`.
    init(_ handlers: [String: Handler]) { self.handlers = handlers }

    func accepts(_ request: WireRequest) -> Bool { request.path.hasPrefix(Self.prefix) }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        let path = String(request.path.dropFirst(Self.prefix.count))
        guard let handler = handlers["\(request.method) \(path)"] else {
            let known = handlers.keys.sorted().joined(separator: ", ")
            return answer(404, ["message": .string("There is no '\(request.method) \(path)' here, only: \(known).")])
        }
        do {
            let body = try await request.body.collect(upTo: bodyLimit ?? 0)
            return answer(200, try await handler(try AdminRequest(query: request.query, body: body)))
        } catch let error as AdminError {
            return answer(error.status, ["message": .string(error.message)])
        } catch {
            return answer(500, ["message": .string(String(describing: error))])
        }
    }

    private func answer(_ status: Int, _ value: JSON) -> WireResponse {
        WireResponse(
            status: status, headers: ["Content-Type": "application/json"], body: ByteStream(value.bytes()))
    }
}

struct AdminRequest: Sendable {
    var query: [String: String]
    var body: JSON

    init(query: String, body: [UInt8]) throws {
        self.query = Dictionary(
            (PercentCoding.pairs(query) ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        guard !body.isEmpty else {
            self.body = .null
            return
        }
        do {
            self.body = try JSON(parsing: body)
        } catch {
            throw AdminError(400, "The request is not JSON: \(error)")
        }
    }
}

struct AdminError: Error {
    var status: Int
    var message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }
}
