import Core
public import Events
import Functions
import NIOCore
public import Storage

/// Rotations of secrets: the secret's function is invoked for the four steps, one after the other. Functions have to
/// bear a step that comes twice, so a rotation that was interrupted begins anew.
public struct RotationTarget: DeliveryTarget {
    private static let steps = ["createSecret", "setSecret", "testSecret", "finishSecret"]

    private let database: Database
    private let invoker: FunctionInvoker
    private let outbox: Outbox
    private let clock: any HostClock
    private let random: any RandomSource
    private let store = SecretStore()

    public init(
        database: Database, invoker: FunctionInvoker, outbox: Outbox, clock: any HostClock, random: any RandomSource
    ) {
        self.database = database
        self.invoker = invoker
        self.outbox = outbox
        self.clock = clock
        self.random = random
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        do {
            let plan = try Plan(payload: delivery.payload)
            guard let secret = try await begin(plan, of: delivery.target), let rotation = secret.rotation else {
                return .done
            }
            for step in Self.steps {
                if let failure = await run(step, of: secret, by: rotation.function, plan.token) { return failure }
            }
            return DeliveryOutcome(.done) { [self] transaction in
                try finish(plan, of: delivery.target, in: transaction)
            }
        } catch {
            return DeliveryOutcome(.throttled, error: ("InternalServiceError", String(describing: error)))
        }
    }

    /// The secret as long as the plan holds, with the version that the function is to fill.
    private func begin(_ plan: Plan, of arn: String) async throws -> Secret? {
        try await database.write { [self] transaction in
            guard var secret = try planned(plan, arn, in: transaction) else { return nil }
            if secret.version(plan.token) == nil {
                secret.versions.append(SecretVersion(id: plan.token, createdAt: clock.now))
                secret.versions.attach([SecretVersion.pending], to: plan.token)
                try store.put(secret, in: transaction)
            }
            return secret
        }
    }

    private func planned(_ plan: Plan, _ arn: String, in transaction: Transaction) throws -> Secret? {
        guard let secret = try store.secret(arn: arn, at: clock.now, in: transaction), secret.deletion == nil,
            let rotation = secret.rotation, rotation.isEnabled, rotation.generation == plan.generation
        else { return nil }
        return secret
    }

    private func run(
        _ step: String, of secret: Secret, by function: String, _ token: String
    ) async -> DeliveryOutcome? {
        guard let resolved = invoker.directory.resolve(function) else {
            return .rejected("ResourceNotFoundException", "Function not found: \(function)")
        }
        let event: JSON = [
            "Step": .string(step), "SecretId": .string(secret.arn), "ClientRequestToken": .string(token),
        ]
        let result = await invoker.invoke(
            resolved, payload: ByteBuffer(bytes: event.bytes()),
            context: InvocationContext(requestID: invoker.makeRequestID()))
        let outcome = FunctionTarget.outcome(of: result)
        if case .done = outcome.result { return nil }
        return outcome
    }

    private func finish(_ plan: Plan, of arn: String, in transaction: Transaction) throws {
        guard var secret = try planned(plan, arn, in: transaction) else { return }
        if secret.holder(of: SecretVersion.pending)?.id == plan.token { secret.versions.detach(SecretVersion.pending) }
        secret.rotation?.lastAt = clock.now
        try Self.plan(&secret, after: clock.now, random, outbox, in: transaction)
        try store.put(secret, in: transaction)
    }

    // MARK: Planning

    /// What a delivery is about.
    struct Plan {
        var token: String
        var generation: Int64

        init(token: String, generation: Int64) {
            (self.token, self.generation) = (token, generation)
        }

        init(payload: [UInt8]) throws {
            let json = try JSON(parsing: payload)
            token = json["token"]?.stringValue ?? ""
            generation = Int64(json["generation"]?.intValue ?? -1)
        }

        var payload: [UInt8] {
            JSON.object(["token": .string(token), "generation": JSON(Int(generation))]).bytes()
        }
    }

    /// Sets the secret's next rotation, if its rules have one.
    static func plan(
        _ secret: inout Secret, after time: Timestamp, _ random: any RandomSource, _ outbox: Outbox,
        in transaction: Transaction
    ) throws {
        guard var rotation = secret.rotation else { return }
        rotation.nextAt = rotation.next(after: time)
        secret.rotation = rotation
        guard let next = rotation.nextAt else { return }
        try enqueue(
            Plan(token: UUIDText.random(using: random), generation: rotation.generation), of: secret.arn,
            delay: max(0, next.milliseconds(since: time)), outbox, in: transaction)
    }

    static func enqueue(
        _ plan: Plan, of arn: String, delay: Int64 = 0, _ outbox: Outbox, in transaction: Transaction
    ) throws {
        // A rotation that fails is tried again as an asynchronous invocation is; its age counts from when it is due.
        var retry = RetryPolicy.asyncInvocation
        retry.maximumAge += delay
        try outbox.enqueue(
            NewDelivery(target: arn, kind: .rotation, payload: plan.payload, retry: retry, delay: delay),
            in: transaction)
    }
}

extension DeliveryKind {
    /// A rotation of a secret.
    static let rotation = DeliveryKind(rawValue: "rotation")
}
