import Core
public import Functions
import Storage

/// A function with everything that decides how it is invoked, as the database holds it.
public struct DeployedFunction: Sendable {
    public var record: FunctionRecord
    /// By version: `$LATEST` and numbers.
    public var versions: [String: FunctionVersionRecord]
    public var aliases: [String: AliasRecord]
    /// By qualifier: `$LATEST`, a number or an alias.
    public var eventInvoke: [String: EventInvokeConfiguration]
    /// Instances kept ready, by version; what is asked for an alias counts for the version that it names.
    public var provisionedConcurrency: [String: Int]
    /// By qualifier: `$LATEST` or an alias.
    var urls: [String: FunctionURL]
    /// Why a version could not be started on this machine, by version.
    public var failures: [String: String] = [:]

    /// Reads the function; nil when there is none.
    init?(_ name: String, _ scope: Scope, from store: FunctionStore, in transaction: Transaction) throws {
        guard let record = try store.function(name, scope, in: transaction) else { return nil }
        self.record = record
        versions = [:]
        for version in try store.versions(of: name, scope, limit: .max, in: transaction) {
            versions[version.reference.version] = version
        }
        aliases = [:]
        for alias in try store.aliases(of: name, scope, limit: .max, in: transaction) { aliases[alias.name] = alias }
        eventInvoke = [:]
        for (qualifier, _) in try store.all(.eventInvoke, of: name, scope, in: transaction) {
            eventInvoke[qualifier] = try store.eventInvoke(of: name, qualifier: qualifier, scope, in: transaction)
        }
        urls = [:]
        for (qualifier, document) in try store.all(.url, of: name, scope, in: transaction) {
            urls[qualifier] = FunctionURL(document)
        }
        provisionedConcurrency = [:]
        for (qualifier, document) in try store.all(.provisionedConcurrency, of: name, scope, in: transaction) {
            let version = aliases[qualifier]?.version ?? qualifier
            provisionedConcurrency[version, default: 0] += Int(document["requested"]?.intValue ?? 0)
        }
    }

    /// What the host needs to run each version.
    var configurations: [FunctionConfiguration] {
        versions.values.map { version in
            var configuration = version.configuration(
                layerDirectories: version.layers.compactMap { version.layerCode($0)?.directory },
                reservedConcurrency: record.reservedConcurrency,
                provisionedConcurrency: provisionedConcurrency[version.reference.version] ?? 0)
            configuration.arguments = version.settings["Arguments"]?.arrayValue?.compactMap(\.stringValue) ?? []
            return configuration
        }
    }
}

extension FunctionVersionRecord {
    /// The code of one of the function's layers. It is remembered with the function, because a layer version that has
    /// been deleted goes on to serve the functions that use it.
    func layerCode(_ arn: String) -> FunctionCode? {
        guard let code = settings["LayerCode"]?[arn], let directory = code["directory"]?.stringValue else {
            return nil
        }
        return FunctionCode(
            directory: directory, sha256: code["sha256"]?.stringValue ?? "", size: Int(code["size"]?.intValue ?? 0))
    }

    mutating func setLayerCode(_ code: [(arn: String, code: FunctionCode)]) {
        guard !code.isEmpty else {
            settings["LayerCode"] = nil
            return
        }
        settings["LayerCode"] = .object(
            JSONObject(
                code.map { arn, code in
                    (
                        arn,
                        [
                            "directory": .string(code.directory), "sha256": .string(code.sha256),
                            "size": JSON(code.size),
                        ]
                    )
                }))
    }

    /// Whether traces that nobody has decided on are sampled.
    var isTraced: Bool { settings["TracingConfig"]?["Mode"]?.stringValue == "Active" }

    /// Where events go that could not be handled, by the older of Lambda's two ways.
    var deadLetterTarget: String? {
        guard let target = settings["DeadLetterConfig"]?["TargetArn"]?.stringValue, !target.isEmpty else { return nil }
        return target
    }
}
