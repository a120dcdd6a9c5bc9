import Core
import Events

import Testing

@testable import Messaging
@testable import OutgoingHTTP

@Suite struct EndpointTests {
    @Test(arguments: [
        (200, DeliveryOutcome.Result.done), (204, .done), (302, .failed), (400, .rejected), (404, .rejected),
        (429, .throttled), (500, .failed), (503, .failed),
    ])
    func answersDecideWhatFollows(_ status: Int, _ result: DeliveryOutcome.Result) {
        let outcome = EndpointTarget.outcome(HTTPResponse(status: status, headers: [], body: []))
        #expect(outcome.result == result)
        #expect((outcome.error == nil) == (result == .done))
    }

    @Test func addressesAreTargets() {
        let target = EndpointAddress.target("https://example.test/a:b?c=d")
        #expect(EndpointAddress.url(of: target) == "https://example.test/a:b?c=d")
        #expect(EndpointAddress.url(of: "arn:aws:sqs:us-east-1:1:q") == nil)
    }

    struct Policy: Sendable, CustomTestStringConvertible {
        var topic: String?
        var subscription: String?
        var retries: Int
        var backoff: Backoff
        var contentType = "text/plain; charset=UTF-8"
        var testDescription: String { "\(topic ?? "-") \(subscription ?? "-")" }
    }

    static let policies = [
        Policy(retries: 3, backoff: .exponential(first: 20_000, ceiling: 20_000)),
        Policy(
            topic: #"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}}"#,
            retries: 1, backoff: .exponential(first: 5000, ceiling: 6000)),
        Policy(
            subscription: #"{"healthyRetryPolicy":{"numRetries":7},"requestPolicy":{"headerContentType":"text/csv"}}"#,
            retries: 7, backoff: .exponential(first: 20_000, ceiling: 20_000), contentType: "text/csv"),
        Policy(
            topic: #"{"http":{"disableSubscriptionOverrides":true}}"#,
            subscription: #"{"healthyRetryPolicy":{"numRetries":7}}"#, retries: 3,
            backoff: .exponential(first: 20_000, ceiling: 20_000)),
        Policy(topic: "no json", retries: 3, backoff: .exponential(first: 20_000, ceiling: 20_000)),
    ]

    @Test(arguments: policies) func deliveryPoliciesAreFollowed(_ given: Policy) {
        let subscription = Subscription(
            id: 1, arn: "s", topic: "t", proto: .http, endpoint: "http://x", owner: "1",
            attributes: given.subscription.map { ["DeliveryPolicy": $0] } ?? [:], isConfirmed: true,
            wasAuthenticated: true, authenticatesUnsubscribe: false, token: "", createdAt: Timestamp(milliseconds: 0))
        let policy = DeliveryPolicy(topic: given.topic)
        #expect(policy.retry(subscription).maximumRetries == given.retries)
        #expect(policy.retry(subscription).backoff == given.backoff)
        #expect(policy.contentType(subscription) == given.contentType)
    }

    @Test(
        arguments: [
            (
                #"{"requestPolicy":{"headerContentType":"text/csv"}}"#,
                #"{"healthyRetryPolicy":null,"sicklyRetryPolicy":null,"throttlePolicy":null,"#
                    + #""requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}"#,
                #"{"healthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":1,"numMaxDelayRetries":0,"#
                    + #""numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"#
                    + #""throttlePolicy":null,"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}"#
            ),
            (
                nil, nil,
                #"{"healthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":1,"numMaxDelayRetries":0,"#
                    + #""numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"#
                    + #""throttlePolicy":null,"requestPolicy":{"headerContentType":"application/json"},"guaranteed":false}"#
            ),
        ] as [(String?, String?, String)])
    func deliveryPoliciesOfSubscriptionsAreShown(_ given: String?, _ own: String?, _ effective: String) async throws {
        let host = try await MessagingHarness()
        let topic = try await host.topic(
            "t",
            [
                "DeliveryPolicy":
                    #"{"http":{"defaultHealthyRetryPolicy":{"numRetries":1},"#
                    + #""defaultRequestPolicy":{"headerContentType":"application/json"}}}"#
            ])
        let subscription = try await host.subscribe(
            "http://127.0.0.1:1/hook", to: topic, given.map { ["DeliveryPolicy": $0] } ?? [:], proto: .http)
        let shown = subscription.described(topic: topic)
        #expect(shown["DeliveryPolicy"] == own)
        #expect(shown["EffectiveDeliveryPolicy"] == effective)
    }
}
