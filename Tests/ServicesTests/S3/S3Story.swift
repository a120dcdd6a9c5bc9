import AWSModels
import Core
import Gateway
import HostTesting
import Objects
import Services
import Storage
import Testing
import Wire

/// A step of a story and what is to come of it.
struct Step: Sendable {
    var method = "GET"
    var target: String
    var headers: [(String, String)] = []
    var body = ""
    var status = 200
    /// Parts of the answer's body.
    var contains: [String] = []
    /// Fields of the answer's header; an empty value means none.
    var fields: [String: String] = [:]
}

/// Requests one after the other, of which each is answered as it must be.
struct S3Story: Sendable, CustomTestStringConvertible {
    var name: String
    var steps: [Step]
    var testDescription: String { name }

    /// Lives through it with a store of its own.
    ///
    /// - Parameter start: what the clock says at the beginning.
    func run(at start: Timestamp? = nil) async throws {
        let clock = start.map { VirtualClock(start: $0) } ?? VirtualClock()
        let directory = try TemporaryDirectory("s3")
        let database = try Database(SQLiteDriver(directory: directory.path), schema: ObjectStore.schema)
        let store = ObjectStore(
            database: database, clock: clock, options: .init(directory: "\(directory.path)/buckets")
        ) { _, _ in }
        try await store.open()
        let dispatcher = Self.dispatcher(store, database, clock)
        for (position, step) in steps.enumerated() {
            let response = await dispatcher.respond(to: step.request)
            let bytes = try await response.body.collect(upTo: 1 << 20)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(response.status == step.status, "step \(position + 1): \(text)")
            for part in step.contains { #expect(text.contains(part), "step \(position + 1): \(text)") }
            for (name, value) in step.fields {
                #expect(response.headers[name] ?? "" == value, "step \(position + 1), \(name)")
            }
        }
        await database.close()
    }

    private static func dispatcher(_ store: ObjectStore, _ database: Database, _ clock: VirtualClock) -> Dispatcher {
        let random = SystemRandomSource()
        let provider = S3Provider(store: store, database: database, clock: clock, random: random)
        let keys = StaticCredentials([.customary])
        var configuration = GatewayConfiguration()
        configuration.presigningCredentials = keys
        let forms = ObjectForms(provider, credentials: keys, demandsSignatures: false, random: random)
        return Dispatcher(
            configuration, services: [provider.service],
            routes: [Forms(forms: forms), Sites(websites: Websites(provider, scheme: "http", random: random))],
            clock: clock)
    }

    private struct Forms: HTTPRoute {
        let forms: ObjectForms
        var crossOrigin: (any CrossOriginPolicy)? { forms.crossOrigin }

        func accepts(_ request: WireRequest) -> Bool { forms.accepts(request) }

        func respond(to request: WireRequest, peer: String) async -> WireResponse {
            await forms.respond(to: request, peer: peer)
        }
    }

    private struct Sites: HTTPRoute {
        let websites: Websites
        var crossOrigin: (any CrossOriginPolicy)? { websites.crossOrigin }

        func accepts(_ request: WireRequest) -> Bool { websites.accepts(request) }

        func respond(to request: WireRequest, peer: String) async -> WireResponse {
            await websites.respond(to: request)
        }
    }
}

extension Step {
    var request: WireRequest {
        let halves = target.split(separator: "?", maxSplits: 1)
        var fields = HTTPFields([("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("Host", "127.0.0.1:4566")])
        for (name, value) in headers {
            if name == "Host" { fields[name] = value } else { fields.append(name, value) }
        }
        return WireRequest(
            method: method, path: String(halves[0]), query: halves.count > 1 ? String(halves[1]) : "",
            headers: fields, body: ByteStream(Array(body.utf8)))
    }
}
