public import Wire

/// The services of this program, found by what requests say of them.
public struct ServiceRegistry: Sendable {
    struct Entry: Sendable {
        let service: AWSService
        /// For the REST protocols.
        let routes: RouteTable?

        var model: ServiceModel { service.model }
        var speaksQuery: Bool { model.protocols.contains(.query) }
    }

    let entries: [Entry]
    private let byTarget: [String: Int]
    private let bySigningName: [String: [Int]]
    private let byHostLabel: [String: [Int]]
    /// By version and action, for forms without a signature.
    private let byAction: [String: Int]

    public init(_ services: [AWSService]) {
        var entries: [Entry] = []
        var byTarget: [String: Int] = [:]
        var bySigningName: [String: [Int]] = [:]
        var byHostLabel: [String: [Int]] = [:]
        var byAction: [String: Int] = [:]
        for (index, service) in services.enumerated() {
            let model = service.model
            let isREST = model.protocols.contains { $0 == .restJSON || $0 == .restXML }
            entries.append(Entry(service: service, routes: isREST ? RouteTable(model) : nil))
            if let target = model.targetPrefix { byTarget[target] = index }
            bySigningName[model.signingName, default: []].append(index)
            byHostLabel[model.endpointPrefix, default: []].append(index)
            guard model.protocols.contains(.query) else { continue }
            for operation in model.operations { byAction["\(model.apiVersion) \(operation.name)"] = index }
        }
        self.entries = entries
        self.byTarget = byTarget
        self.bySigningName = bySigningName
        self.byHostLabel = byHostLabel
        self.byAction = byAction
    }

    func target(_ prefix: String) -> Entry? { byTarget[prefix].map { entries[$0] } }

    func signingName(_ name: String) -> [Entry] { (bySigningName[name] ?? []).map { entries[$0] } }

    func hostLabel(_ label: String) -> [Entry] { (byHostLabel[label] ?? []).map { entries[$0] } }

    /// The service that has the action; without a version only when no other service has an action of that name.
    func action(_ action: String, version: String?) -> Entry? {
        if let version { return byAction["\(version) \(action)"].map { entries[$0] } }
        let found = entries.filter { $0.speaksQuery && $0.model.operation(named: action) != nil }
        return found.count == 1 ? found[0] : nil
    }

    public var services: [AWSService] { entries.map(\.service) }
}
