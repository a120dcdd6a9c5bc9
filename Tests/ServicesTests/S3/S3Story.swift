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
    /// Seconds that pass before it.
    var after: Int64 = 0
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
    /// - Parameters:
    ///   - start: what the clock says at the beginning.
    ///   - isOpen: whether websites show everything to everybody.
    func run(at start: Timestamp? = nil, isOpen: Bool = true) async throws {
        let host = try await S3Host(at: start, isOpen: isOpen)
        for (position, step) in steps.enumerated() {
            let (response, bytes) = try await host.respond(to: step)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(response.status == step.status, "step \(position + 1): \(text)")
            for part in step.contains { #expect(text.contains(part), "step \(position + 1): \(text)") }
            for (name, value) in step.fields {
                #expect(response.headers[name] ?? "" == value, "step \(position + 1), \(name)")
            }
        }
        await host.close()
    }
}

/// S3 over a store of its own, without a socket.
struct S3Host {
    private let directory: TemporaryDirectory
    private let database: Database
    private let dispatcher: Dispatcher
    private let clock: VirtualClock

    /// - Parameter isOpen: whether websites show everything to everybody.
    init(at start: Timestamp? = nil, isOpen: Bool = true) async throws {
        clock = start.map { VirtualClock(start: $0) } ?? VirtualClock()
        directory = try TemporaryDirectory("s3")
        database = try Database(
            SQLiteDriver(directory: directory.path), schema: ObjectStore.schema + KMSStore.schema + TagStore.schema)
        let store = ObjectStore(
            database: database, clock: clock, options: .init(directory: "\(directory.path)/buckets")
        ) { _, _ in }
        try await store.open()
        dispatcher = Self.dispatcher(store, database, clock, isOpen: isOpen)
    }

    func close() async { await database.close() }

    func respond(to step: Step) async throws -> (WireResponse, [UInt8]) {
        if step.after > 0 { await clock.advance(by: step.after * 1000) }
        let response = await dispatcher.respond(to: step.request)
        return (response, try await response.body.collect(upTo: 32 << 20))
    }

    /// The path of a file in the bucket's directory.
    func path(_ name: String) -> String { "\(directory.path)/buckets/\(name)" }

    private static func dispatcher(
        _ store: ObjectStore, _ database: Database, _ clock: VirtualClock, isOpen: Bool
    ) -> Dispatcher {
        let random = SystemRandomSource()
        let keys = KMSKeys(database: database, clock: clock)
        let provider = S3Provider(store: store, database: database, clock: clock, random: random, keys: keys)
        let credentials = StaticCredentials([.customary])
        var configuration = GatewayConfiguration()
        configuration.presigningCredentials = credentials
        let forms = ObjectForms(provider, credentials: credentials, demandsSignatures: false, random: random)
        return Dispatcher(
            configuration, services: [provider.service, KMS.service(KMSProvider(keys))],
            routes: [
                Forms(forms: forms),
                Sites(websites: Websites(provider, scheme: "http", isOpen: isOpen, random: random)),
            ],
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
