import Core
import Events

/// How messages are tried again at web endpoints (`DeliveryPolicy` of topics and subscriptions).
public struct DeliveryPolicy: Sendable {
    private static let standardContentType = "text/plain; charset=UTF-8"
    private static let standardRetry: JSONObject = [
        "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0, "numNoDelayRetries": 0,
        "numMinDelayRetries": 0, "backoffFunction": "linear",
    ]

    /// The part of the topic's policy that is about HTTP, with all defaults.
    private var http: JSONObject

    /// The policy of a topic; nil text gives the defaults.
    public init(topic text: String?) {
        let given = text.flatMap { try? JSON(parsing: $0) }?["http"]?.objectValue ?? [:]
        http = [
            "defaultHealthyRetryPolicy": .object(
                Self.standardRetry.merging(given["defaultHealthyRetryPolicy"]?.objectValue ?? [:])),
            "disableSubscriptionOverrides": given["disableSubscriptionOverrides"] ?? false,
            "defaultRequestPolicy": .object(
                JSONObject([("headerContentType", .string(Self.standardContentType))])
                    .merging(given["defaultRequestPolicy"]?.objectValue ?? [:])),
        ]
        if let throttle = given["defaultThrottlePolicy"] { http["defaultThrottlePolicy"] = throttle }
    }

    /// `EffectiveDeliveryPolicy`
    public var effective: String { JSON.object(["http": .object(http)]).text() }

    /// `DeliveryPolicy` as topics answer it: what was given, and the one member that is always there.
    public static func normalized(topic text: String) -> String {
        guard var json = (try? JSON(parsing: text))?.objectValue else {
            return #"{"http":{"disableSubscriptionOverrides":false}}"#
        }
        var http = JSONObject(
            (json["http"]?.objectValue ?? [:]).filter { $0.value != .null }.map { ($0.key, $0.value) })
        if http["disableSubscriptionOverrides"] == nil { http["disableSubscriptionOverrides"] = false }
        json["http"] = .object(http)
        return JSON.object(json).text()
    }

    /// The members of a subscription's policy, in the service's order.
    private static let members = ["healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "requestPolicy"]

    private static func whole(_ given: JSONObject) -> String {
        var policy = JSONObject(members.map { ($0, given[$0] ?? .null) })
        policy["guaranteed"] = given["guaranteed"] ?? false
        return JSON.object(policy).text()
    }

    /// `DeliveryPolicy` as subscriptions answer it: with null for what was not given.
    static func normalized(subscription text: String) -> String {
        (try? JSON(parsing: text))?.objectValue.map(whole) ?? text
    }

    /// `EffectiveDeliveryPolicy` of a subscription: the topic's policy where the subscription has none of its own.
    func effective(_ subscription: Subscription) -> String {
        var policy = own(subscription)?.objectValue ?? [:]
        policy["healthyRetryPolicy"] = .object(retryPolicy(subscription))
        policy["requestPolicy"] = ["headerContentType": .string(contentType(subscription))]
        return Self.whole(policy)
    }

    private func retryPolicy(_ subscription: Subscription) -> JSONObject {
        let policy = http["defaultHealthyRetryPolicy"]?.objectValue ?? [:]
        return policy.merging(own(subscription)?["healthyRetryPolicy"]?.objectValue ?? [:])
    }

    /// How a subscription's messages are tried again: its own policy before the topic's.
    ///
    /// The phases of the policy become one: from the smallest to the largest delay, doubling where they differ.
    func retry(_ subscription: Subscription) -> RetryPolicy {
        let policy = retryPolicy(subscription)
        func number(_ name: String, _ standard: Int64) -> Int64 {
            max(0, min(policy[name]?.intValue ?? standard, 3600))
        }
        let first = number("minDelayTarget", 20) * 1000
        return RetryPolicy(
            maximumRetries: Int(number("numRetries", 3)), maximumAge: 3_600_000,
            backoff: .exponential(first: max(first, 1000), ceiling: max(number("maxDelayTarget", 20) * 1000, 1000)))
    }

    func contentType(_ subscription: Subscription) -> String {
        own(subscription)?["requestPolicy"]?["headerContentType"]?.stringValue
            ?? http["defaultRequestPolicy"]?["headerContentType"]?.stringValue ?? Self.standardContentType
    }

    private func own(_ subscription: Subscription) -> JSON? {
        if http["disableSubscriptionOverrides"]?.boolValue == true { return nil }
        return subscription.attributes["DeliveryPolicy"].flatMap { try? JSON(parsing: $0) }
    }
}
