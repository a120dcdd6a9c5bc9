import Core
@testable import Project
import Testing
@testable import millrace

@Suite struct WebhookMatchTests {
    static func webhook(_ method: String, _ path: String) -> Webhook {
        Webhook("\(method) \(path)", HTTPTrigger(path: path, method: method), target: "arn:aws:lambda:::function:f")
    }

    @Test(arguments: [
        ("/", "/", "" as String?),
        ("/orders", "/orders", ""),
        ("/orders", "/orders/", nil),
        ("/orders", "/Orders", nil),
        ("/orders", "/orders/1", nil),
        ("/orders/{id}", "/orders/1", "id=1"),
        ("/orders/{id}", "/orders/", nil),
        ("/orders/{id}", "/orders", nil),
        ("/orders/{id}", "/orders/1/2", nil),
        ("/orders/{id}/lines/{line}", "/orders/1/lines/2", "id=1 line=2"),
        ("/orders/{id}/lines/{line}", "/orders/1/rows/2", nil),
        ("/{proxy+}", "/a/b/c", "proxy=a/b/c"),
        ("/{proxy+}", "/", nil),
        ("/files/{rest+}", "/files/a", "rest=a"),
        ("/files/{rest+}", "/files", nil),
        ("/files/{id}/{rest+}", "/files/1/x//y", "id=1 rest=x//y"),
    ])
    func `paths give their parameters`(_ path: String, _ request: String, _ parameters: String?) {
        let found = Self.webhook("ANY", path).match(request)
        #expect(found?.map { "\($0.name)=\($0.value)" }.joined(separator: " ") == parameters)
    }

    @Test func `the most exact path comes first`() {
        let wanted = [
            Self.webhook("GET", "/a/b"), Self.webhook("ANY", "/a/b"), Self.webhook("GET", "/a/{x}"),
            Self.webhook("ANY", "/a/{x}"), Self.webhook("GET", "/{x}/{y}"), Self.webhook("GET", "/a/{x+}"),
            Self.webhook("ANY", "/{x+}"),
        ]
        var shuffled = wanted
        for seed in 0..<20 {
            var source = SeededSource(state: UInt64(seed))
            shuffled.shuffle(using: &source)
            let sorted = shuffled.sorted { $0.rank < $1.rank }
            // Greedy paths of one rank may stand in either order.
            #expect(sorted.prefix(5).map(\.name) == wanted.prefix(5).map(\.name))
            #expect(Set(sorted.suffix(2).map(\.name)) == Set(wanted.suffix(2).map(\.name)))
        }
    }

    @Test func `a webhook survives its document`() throws {
        var trigger = HTTPTrigger(path: "/orders/{id}", method: "POST")
        trigger.isQueued = true
        trigger.bodyLimit = 5
        trigger.concurrencyLimit = 7
        trigger.timeout = 900
        trigger.signature = WebhookSignature(scheme: "hmac-sha256", secret: "s", header: "X-S")
        let webhook = Webhook("orders", trigger, target: "arn:t")
        let read = try #require(Webhook(name: "orders", document: try JSON(parsing: webhook.document.bytes())))
        #expect(String(describing: read) == String(describing: webhook))
        #expect(read.routeKey == "POST /orders/{id}")
        #expect(Webhook(name: "x", document: ["type": "timer"]) == nil)
    }
}

/// A congruential generator with its low bits mixed: the same order in every run.
struct SeededSource: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var mixed = state
        mixed ^= mixed >> 33
        mixed = mixed &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ (mixed >> 33)
    }
}
