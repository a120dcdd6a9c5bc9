public import Wire

/// The services of this program, found by what requests say of them.
public struct ServiceRegistry: Sendable {
    /// Every request holds on to one, so that it is one reference and not all that a service is made of.
    final class Entry: Sendable {
        let service: AWSService

        init(_ service: AWSService) { self.service = service }

        var traits: ServiceTraits { service.traits }
        var model: ServiceModel { service.model }
        var speaksQuery: Bool { traits.protocols.contains(.query) }
    }

    let entries: [Entry]
    private let byTarget: [String: Entry]
    private let bySigningName: [String: [Entry]]
    private let byHostLabel: [String: [Entry]]

    public init(_ services: [AWSService]) {
        var byTarget: [String: Entry] = [:]
        var bySigningName: [String: [Entry]] = [:]
        var byHostLabel: [String: [Entry]] = [:]
        entries = services.map(Entry.init)
        for entry in entries {
            if let target = entry.traits.targetPrefix { byTarget[target] = entry }
            bySigningName[entry.traits.signingName, default: []].append(entry)
            byHostLabel[entry.traits.endpointPrefix, default: []].append(entry)
        }
        self.byTarget = byTarget
        self.bySigningName = bySigningName
        self.byHostLabel = byHostLabel
    }

    func target(_ prefix: String) -> Entry? { byTarget[prefix] }

    func signingName(_ name: String) -> [Entry] { bySigningName[name] ?? [] }

    func hostLabel(_ label: String) -> [Entry] { byHostLabel[label] ?? [] }

    /// Whether all of a signing name's services answer in JSON only.
    func speaksOnlyJSON(_ name: String) -> Bool {
        let found = signingName(name)
        return !found.isEmpty && !found.contains { $0.speaksQuery || $0.traits.protocols.contains(.restXML) }
    }

    /// The service that has the action; without a version only when no other service has an action of that name.
    func action(_ action: String, version: String?) -> Entry? {
        let found = entries.filter { entry in
            entry.speaksQuery && (version == nil || version == entry.traits.apiVersion)
                && entry.model.operation(named: action) != nil
        }
        return version != nil || found.count == 1 ? found.first : nil
    }

    public var services: [AWSService] { entries.map(\.service) }
}
