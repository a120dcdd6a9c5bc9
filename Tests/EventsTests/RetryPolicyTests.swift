import Core
import Testing

@testable import Events

@Suite struct RetryPolicyTests {
    @Test(
        arguments: [
            (Backoff.linear(step: 60_000), 1, 60_000), (.linear(step: 60_000), 2, 120_000),
            (.exponential(first: 1000, ceiling: 600_000), 1, 1000),
            (.exponential(first: 1000, ceiling: 600_000), 5, 16_000),
            (.exponential(first: 1000, ceiling: 600_000), 100, 600_000),
            (.exponential(first: 1 << 60, ceiling: .max), 100, .max),
        ] as [(Backoff, Int, Int64)])
    func delays(backoff: Backoff, attempts: Int, milliseconds: Int64) {
        #expect(backoff.delay(afterAttempts: attempts) == milliseconds)
    }

    @Test(arguments: [RetryPolicy.standard, .asyncInvocation, .never])
    func isStoredWhole(policy: RetryPolicy) {
        #expect(RetryPolicy(stored: policy.stored) == policy)
    }

    static func delivery(attempts: Int, throttles: Int = 0, age: Int64 = 0) -> Delivery {
        Delivery(
            id: 1, target: "arn:aws:lambda:::t", kind: .asyncInvocation, payload: [], context: [:],
            retry: .asyncInvocation, attempts: attempts, throttles: throttles, createdAt: Timestamp(milliseconds: -age),
            dueAt: Timestamp(milliseconds: 0))
    }

    @Test(arguments: [
        (delivery(attempts: 0), DeliveryOutcome.Result.done, Verdict.end(givenUp: nil)),
        (delivery(attempts: 0), .failed, .again(at: Timestamp(milliseconds: 60_000))),
        (delivery(attempts: 1), .failed, .again(at: Timestamp(milliseconds: 120_000))),
        (delivery(attempts: 2), .failed, .end(givenUp: .retriesExhausted)),
        (delivery(attempts: 1, throttles: 9), .failed, .again(at: Timestamp(milliseconds: 120_000))),
        (delivery(attempts: 9), .throttled, .again(at: Timestamp(milliseconds: 1000))),
        (delivery(attempts: 0, throttles: 9), .throttled, .again(at: Timestamp(milliseconds: 300_000))),
        (delivery(attempts: 0, age: 21_600_000), .throttled, .end(givenUp: .eventAgeExceeded)),
        (delivery(attempts: 0), .rejected, .end(givenUp: .rejected)),
    ])
    func verdicts(delivery: Delivery, result: DeliveryOutcome.Result, expected: Verdict) {
        #expect(Verdict(delivery, DeliveryOutcome(result), now: Timestamp(milliseconds: 0)) == expected)
    }
}
