import AWSModels
import Core
import Events
import Gateway
import Messaging
import OutgoingHTTP
import Services
import Synchronization
import Testing
import Wire

/// Topics and a web receiver over live sockets.
@Suite struct WebSubscriptionTests {
    /// Remembers what was posted to `/hook`.
    final class Receiver: HTTPRoute {
        let posts = Mutex<[(headers: HTTPFields, body: JSON)]>([])
        let arrived = Wakeup()

        var isControlPlane: Bool { false }
        func accepts(_ request: WireRequest) -> Bool { request.path == "/hook" }

        func respond(to request: WireRequest, peer: String) async -> WireResponse {
            let bytes = (try? await request.body.collect(upTo: 1 << 20)) ?? []
            let body = (try? JSON(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
            posts.withLock { $0.append((request.headers, body)) }
            arrived.notify()
            return WireResponse(status: 200)
        }

        func post(_ index: Int) async -> (headers: HTTPFields, body: JSON) {
            while true {
                if let post = posts.withLock({ $0.indices.contains(index) ? $0[index] : nil }) { return post }
                await arrived.wait()
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aReceiverConfirmsAndIsSentWhatIsPublished() async throws {
        let receiver = Receiver()
        var configuration = GatewayConfiguration()
        configuration.port = 0
        let web = Gateway(configuration, services: [], routes: [receiver])
        let url = "http://127.0.0.1:\(try await web.start())/hook"
        let host = try await MessagingServices(clock: SystemClock())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.deliveries.run() }
            group.addTask { try await host.client.run() }
            try await Self.conversation(host, receiver, url)
            host.client.stop()
            group.cancelAll()
            await web.stop()
        }
    }

    private static func conversation(_ host: MessagingServices, _ receiver: Receiver, _ url: String) async throws {
        _ = try await host.query("sns", ["Action": "CreateTopic", "Name": "t"])
        let topic = SNSTests.topic
        let subscribed = try await host.query(
            "sns", ["Action": "Subscribe", "TopicArn": topic, "Protocol": "http", "Endpoint": url])
        #expect(subscribed.body.element("SubscriptionArn") == "pending confirmation")

        let request = await receiver.post(0)
        #expect(request.headers["x-amz-sns-message-type"] == "SubscriptionConfirmation")
        #expect(request.headers["User-Agent"] == "Amazon Simple Notification Service Agent")
        let token = try #require(request.body["Token"]?.stringValue)
        let link = try #require(request.body["SubscribeURL"]?.stringValue)
        #expect(link == "http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=\(topic)&Token=\(token)")

        // The link carries no signature and no version.
        let confirmed = try await host.query(
            "sns", ["Action": "ConfirmSubscription", "TopicArn": topic, "Token": token], isSigned: false, isGET: true)
        let arn = try #require(confirmed.body.element("SubscriptionArn"))
        _ = try await host.query("sns", ["Action": "Publish", "TopicArn": topic, "Message": "news"])
        let notification = await receiver.post(1)
        #expect(notification.headers["x-amz-sns-subscription-arn"] == arn)
        #expect(notification.headers["Content-Type"] == "text/plain; charset=UTF-8")
        #expect(notification.body["Message"] == "news")
        #expect(notification.body["Signature"]?.stringValue?.isEmpty == false)

        // Whoever has only the link is asked once more.
        _ = try await host.query(
            "sns", ["Action": "Unsubscribe", "SubscriptionArn": arn], isSigned: false, isGET: true)
        let end = await receiver.post(2)
        #expect(end.body["Type"] == "UnsubscribeConfirmation")
        _ = try await host.query("sns", ["Action": "Publish", "TopicArn": topic, "Message": "not for you"])
        #expect(host.topics.subscription(arn) == nil)
    }
}
