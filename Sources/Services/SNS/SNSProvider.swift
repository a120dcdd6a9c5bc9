public import AWSModels
public import Core
public import Messaging
public import Metering
public import Storage
import Wire

/// Amazon SNS on the host's topics.
///
/// Messages go to queues, functions and web endpoints. Subscriptions of the other protocols (`email`, `email-json`,
/// `sms`, `application`, `firehose`) and publications to phone numbers and mobile endpoints are accepted, answered and
/// metered as AWS does, and go nowhere: this host has no such networks. Policies, data protection policies, archive
/// policies and delivery status settings are stored and answered, not enforced.
public struct SNSProvider: SNS.API {
    let topics: TopicService
    let settings = TopicSettings()
    let database: Database
    let meter: Meter
    let clock: any HostClock
    let random: any RandomSource
    let identifiers: IdentifierSequence
    let keys: KMSKeys?

    /// - Parameter keys: with which topics are encrypted; nil where nobody asks for them.
    public init(
        topics: TopicService, database: Database, meter: Meter, clock: any HostClock, random: any RandomSource,
        identifiers: IdentifierSequence, keys: KMSKeys? = nil
    ) {
        self.keys = keys
        self.topics = topics
        self.database = database
        self.meter = meter
        self.clock = clock
        self.random = random
        self.identifiers = identifiers
    }

    // MARK: Finding topics

    /// The topic of that ARN, which must be of the region that is asked.
    func topic(_ arn: String, _ context: RequestContext) throws(AWSError) -> Topic {
        try requireRegion(arn, context)
        do {
            return try topics.requireTopic(arn)
        } catch {
            throw Self.error(error)
        }
    }

    func requireRegion(_ arn: String, _ context: RequestContext) throws(AWSError) {
        guard let parsed = ARN(arn) else { throw Self.malformed(arn, "TopicArn") }
        guard parsed.region == context.scope.region else { throw Self.invalid("TopicArn") }
    }

    static func malformed(_ arn: String, _ parameter: String) -> AWSError {
        let count = arn.split(separator: ":", omittingEmptySubsequences: false).count
        return invalid("\(parameter) Reason: An ARN must have at least 6 elements, not \(count)")
    }

    // MARK: Work and errors

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        try await answering { try await database.write(body) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        try await answering { try await database.read(body) }
    }

    func answering<Value: Sendable>(_ body: () async throws -> Value) async throws(AWSError) -> Value {
        do {
            return try await body()
        } catch {
            throw Self.error(error)
        }
    }

    static func invalid(_ text: String) -> AWSError {
        SNS.Errors.invalidParameterException("Invalid parameter: \(text)")
    }

    /// A member that the model demands and that is not there.
    static func missing(_ path: String) -> AWSError {
        AWSError(
            "ValidationError",
            "1 validation error detected: Value null at '\(path)' failed to satisfy constraint: "
                + "Member must not be null", status: 400)
    }

    /// The one mapping of the modules' errors to AWS's.
    static func error(_ error: any Error) -> AWSError {
        switch error {
        case let error as AWSError: return error
        case let error as MessagingError:
            switch error.kind {
            case .topicDoesNotExist, .subscriptionDoesNotExist: return SNS.Errors.notFoundException(error.message)
            case .resourceNotFound: return SNS.Errors.resourceNotFoundException(error.message)
            case .invalidParameterValue: return SNS.Errors.invalidParameterValueException(error.message)
            case .limitExceeded, .overLimit: return SNS.Errors.topicLimitExceededException(error.message)
            default: return SNS.Errors.invalidParameterException(error.message)
            }
        case let error as StorageError where error.kind == .busy:
            return SNS.Errors.throttledException(error.description)
        default: return .internalFailure(String(describing: error))
        }
    }

    // MARK: Pages

    /// The part of the list that follows the place that the token names, whatever is there by now.
    ///
    /// - Parameter key: by what the list is ordered.
    static func page<Element, Key: Comparable & LosslessStringConvertible>(
        _ all: [Element], after token: String?, size: Int = 100, _ key: (Element) -> Key
    ) throws(AWSError) -> (page: [Element], next: String?) {
        var rest = all.sorted { key($0) < key($1) }
        if let token {
            guard let last = ListToken.parts(token, 1).flatMap({ Key($0[0]) }) else { throw invalid("NextToken") }
            rest = rest.filter { last < key($0) }
        }
        let page = Page(rest, limit: size)
        return (page.items, page.last.map { ListToken.make(key($0).description) })
    }
}
