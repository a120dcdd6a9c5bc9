public import Core
public import Functions
import Synchronization

/// What a name, ARN or qualifier means for an invocation that is made now.
public struct ResolvedFunction: Sendable {
    /// The version that runs.
    public var reference: FunctionVersionReference
    /// The ARN by which it was asked for.
    public var invokedARN: ARN
    /// `$LATEST`, a number or an alias; nil when none was given.
    public var qualifier: String?
    public var version: FunctionVersionRecord
    public var reservedConcurrency: Int?
    /// Of the qualifier, or of `$LATEST` when none was given.
    public var eventInvoke: EventInvokeConfiguration?
    /// All of the function's reserved concurrency is provisioned for other versions.
    public var hasNoRoom: Bool
    /// Why this machine cannot run the version.
    public var failure: String?

    /// The ARN with its qualifier, which records of asynchronous invocations name.
    public var qualifiedARN: ARN {
        reference.scope.arn(
            "lambda", "function:\(reference.functionName):\(qualifier ?? FunctionVersionReference.latest)")
    }
}

/// What a function URL leads to.
struct URLTarget: Sendable {
    var scope: Scope
    var name: String
    /// An alias; nil for `$LATEST`.
    var qualifier: String?
    var url: FunctionURL
}

/// The functions that can be invoked, in memory: rebuilt from the database at start and after each change.
public final class FunctionDirectory: Sendable {
    struct Key: Hashable, Sendable {
        var scope: Scope
        var name: String
    }

    private struct State {
        var functions: [Key: DeployedFunction] = [:]
        /// By the identifiers of function URLs.
        var urls: [String: URLTarget] = [:]
        /// The identifiers of those that are gone, as far as they are remembered.
        var formerURLs: Set<String> = []
    }

    private let state = Mutex(State())
    private let random: any RandomSource

    /// - Parameter random: decides between the versions of an alias that shares its invocations.
    public init(random: any RandomSource = SystemRandomSource()) { self.random = random }

    public func function(_ name: String, _ scope: Scope) -> DeployedFunction? {
        state.withLock { $0.functions[Key(scope: scope, name: name)] }
    }

    /// Puts the function in place of what the name meant before, which is returned; nil ends it.
    func set(_ function: DeployedFunction?, _ name: String, _ scope: Scope) -> DeployedFunction? {
        state.withLock { state in
            let key = Key(scope: scope, name: name)
            let before = state.functions[key]
            state.functions[key] = function
            for url in before?.urls.values ?? [:].values {
                state.urls[url.id] = nil
                if state.formerURLs.count < Self.formerURLLimit { state.formerURLs.insert(url.id) }
            }
            for (qualifier, url) in function?.urls ?? [:] {
                let alias = qualifier == FunctionVersionReference.latest ? nil : qualifier
                state.formerURLs.remove(url.id)
                state.urls[url.id] = URLTarget(scope: scope, name: name, qualifier: alias, url: url)
            }
            return before
        }
    }

    func setFailure(_ message: String?, of reference: FunctionVersionReference) {
        state.withLock {
            $0.functions[Key(scope: reference.scope, name: reference.functionName)]?.failures[reference.version] =
                message
        }
    }

    private static let formerURLLimit = 10_000

    func url(_ id: String) -> URLTarget? { state.withLock { $0.urls[id] } }

    func isFormerURL(_ id: String) -> Bool { state.withLock { $0.formerURLs.contains(id) } }

    // MARK: Resolving

    /// `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`
    public func resolve(_ arn: String) -> ResolvedFunction? {
        guard let arn = ARN(arn), arn.service == "lambda" else { return nil }
        let parts = arn.resource.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[0] == "function" else { return nil }
        return resolve(
            String(parts[1]), qualifier: parts.count == 3 ? String(parts[2]) : nil,
            Scope(account: arn.account, region: arn.region))
    }

    public func resolve(_ name: String, qualifier: String? = nil, _ scope: Scope) -> ResolvedFunction? {
        guard let function = function(name, scope) else { return nil }
        let asked = qualifier ?? FunctionVersionReference.latest
        let number = function.aliases[asked].map { alias in
            alias.additionalVersionWeights.isEmpty ? alias.version : alias.version(at: point())
        }
        guard let version = function.versions[number ?? asked] else { return nil }
        let arn = scope.arn("lambda", qualifier.map { "function:\(name):\($0)" } ?? "function:\(name)")
        let provisioned = function.provisionedConcurrency
        let isFull =
            provisioned[version.reference.version] == nil
            && function.record.reservedConcurrency.map { $0 <= provisioned.values.reduce(0, +) } == true
        return ResolvedFunction(
            reference: version.reference, invokedARN: arn, qualifier: qualifier, version: version,
            reservedConcurrency: function.record.reservedConcurrency, eventInvoke: function.eventInvoke[asked],
            hasNoRoom: isFull,
            failure: function.failures[version.reference.version])
    }

    /// From 0 up to 1.
    private func point() -> Double { Double(random.nextUInt64() >> 11) / Double(UInt64(1) << 53) }
}
