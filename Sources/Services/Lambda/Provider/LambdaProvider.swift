public import AWSModels
public import Core
public import Events
import Functions
public import Storage
import Wire

/// AWS Lambda over the function host: functions, versions, aliases, layers, their settings, and their invocation.
public struct LambdaProvider: Lambda.API {
    let deployment: FunctionDeployment
    let invoker: FunctionInvoker
    let packages: FunctionPackages
    let outbox: Outbox
    let mappings: EventSourceMappingService
    let destinations: DestinationCheck
    let clock: any HostClock
    let random: any RandomSource
    let documents = LambdaDocuments()

    /// - Parameters:
    ///   - outbox: takes asynchronous invocations.
    ///   - mappings: polls queues for functions.
    ///   - destinations: says whether a destination exists.
    public init(
        deployment: FunctionDeployment, invoker: FunctionInvoker, packages: FunctionPackages, outbox: Outbox,
        mappings: EventSourceMappingService, destinations: DestinationCheck = DestinationCheck(),
        clock: any HostClock, random: any RandomSource = SystemRandomSource()
    ) {
        self.deployment = deployment
        self.invoker = invoker
        self.packages = packages
        self.outbox = outbox
        self.mappings = mappings
        self.destinations = destinations
        self.clock = clock
        self.random = random
    }

    /// The tables of the Lambda service beside those of `Functions`.
    public static let schema = LambdaDocuments.schema

    var store: FunctionStore { deployment.store }

    func makeRevision() -> String { UUIDText.random(using: random) }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do { return try await deployment.database.write(body) } catch { throw LambdaError.wrap(error) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do { return try await deployment.database.read(body) } catch { throw LambdaError.wrap(error) }
    }

    // MARK: Finding

    func function(_ name: FunctionName, in transaction: Transaction) throws -> FunctionRecord {
        guard let function = try store.function(name.name, name.scope, in: transaction) else {
            throw name.missing(name.functionARN)
        }
        return function
    }

    /// The version that the name's qualifier means, an alias's main one included.
    func version(_ name: FunctionName, in transaction: Transaction) throws -> FunctionVersionRecord {
        var number = name.qualifierOrLatest
        if !name.namesVersion {
            guard let alias = try store.alias(number, of: name.name, name.scope, in: transaction) else {
                throw name.missing(name.arn)
            }
            number = alias.version
        }
        guard let version = try store.version(name.version(number), in: transaction) else {
            throw name.missing(name.arn)
        }
        return version
    }

    /// Changes the function's revision, as every change of what belongs to it does.
    func touch(_ name: FunctionName, in transaction: Transaction) throws {
        guard let latest = try store.version(name.latest, in: transaction) else { return }
        _ = try store.updateLatest(
            of: name.name, name.scope, newRevision: makeRevision(), at: latest.modifiedAt, in: transaction
        ) { _ in }
    }

    /// An operation on the whole function that refuses aliases and versions.
    func requireUnqualified(_ name: FunctionName) throws(AWSError) {
        guard name.qualifier == nil else {
            throw LambdaError.invalidParameter(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this "
                    + "operation. Please specify either a function name or an unqualified function ARN.")
        }
    }
}

/// Says of a destination's ARN whether something is there to take events. The host fills it in.
public struct DestinationCheck: Sendable {
    let exists: @Sendable (ARN) -> Bool

    public init(exists: @escaping @Sendable (ARN) -> Bool = { _ in true }) { self.exists = exists }
}

/// Pages of lists, with a marker that names the last item of the page before.
struct MarkerPage<Item: Sendable>: Sendable {
    var items: [Item]
    var nextMarker: String?

    /// - Parameters:
    ///   - all: in the order of their keys, those after the marker.
    init(_ all: [Item], limit: Int, key: (Item) -> String) {
        items = Array(all.prefix(limit))
        nextMarker = all.count > limit ? items.last.map { Base64.encode(Array(key($0).utf8)) } : nil
    }

    /// The key after which a page begins; nil for the first one.
    static func after(_ marker: String?) -> String? {
        marker.flatMap(Base64.decode).map { String(decoding: $0, as: UTF8.self) }
    }
}
