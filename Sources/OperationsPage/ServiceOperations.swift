import Wire

/// The operations of a service: those that are built and those that are not.
///
/// An operation is built when the service's provider has a method of the name and the input that the generated protocol
/// demands. The compiler takes such a method instead of the protocol's default, which answers that the operation is not
/// implemented.
struct ServiceOperations {
    let title: String
    /// As in the model, by name.
    private(set) var built: [String] = []
    private(set) var missing: [String] = []
    /// Deprecated ones whose requests nothing tells from those of a newer one that is built.
    private(set) var covered: [(name: String, by: String)] = []

    var count: Int { built.count + missing.count + covered.count }

    /// - Parameters:
    ///   - name: the namespace in Swift.
    ///   - table: the source that holds the generated table of the model.
    ///   - requirements: the source that holds the generated protocol.
    ///   - sources: those of the providers.
    init(name: String, table: String, requirements: String, sources: [String]) throws {
        let model = try Self.model(in: table)
        title = model.traits.title
        guard sources.contains(where: { $0.contains(": \(name).API {") }) else {
            throw Problem("no provider conforms to \(name).API")
        }
        let methods = Self.methods(of: name, in: sources)
        let demanded = Self.demanded(in: requirements)
        for operation in model.operations.sorted(by: { $0.name < $1.name }) {
            let method = demanded[operation.name.lowercased()]
            if let method, methods.contains(method) {
                built.append(operation.name)
            } else if let newer = operation.answeredBy, let method = demanded[newer.lowercased()],
                methods.contains(method)
            {
                covered.append((operation.name, newer))
            } else {
                missing.append(operation.name)
            }
            guard operation.isSupported == (method != nil) else {
                throw Problem("\(name)'s table and protocol differ on \(operation.name)")
            }
        }
        let unknown = demanded.count - model.operations.count { $0.isSupported }
        guard unknown == 0 else { throw Problem("\(name)'s protocol has \(unknown) methods that its table has not") }
    }

    private static func model(in source: String) throws -> ServiceModel {
        let parts = source.split(separator: "\"\"\"", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw Problem("no table between triple quotes") }
        // The lines stand as far in as the closing quotes.
        let lines = parts[1].split(separator: "\n").map { String($0.dropFirst(8)) }
        return try ServiceModel(parsing: lines.joined(separator: "\n"))
    }

    /// A method by its name and the shape of its input.
    struct Method: Hashable {
        var name: Substring
        var input: Substring
    }

    /// The protocol's methods, by their operations' names in small letters.
    private static func demanded(in source: String) -> [String: Method] {
        let requirement = #/(?m)^        func `?(\w+)`?\(_ input: (\w+), _ context: RequestContext\)/#
        let methods = source.matches(of: requirement).map { Method(name: $0.1, input: $0.2) }
        return Dictionary(methods.map { ($0.name.lowercased(), $0) }) { $1 }
    }

    /// The methods that answer operations of that service.
    static func methods(of service: String, in sources: [String]) -> Set<Method> {
        let method = #/(?m)^    public func `?(\w+)`?\(\s*_ input: (?:(\w+)\.)?(\w+),\s*_ context: RequestContext\s*\)/#
        var found: Set<Method> = []
        for source in sources {
            let isProvider = source.contains(": \(service).API {") || source.contains("extension \(service)Provider {")
            guard isProvider else { continue }
            for match in source.matches(of: method) where match.2 == nil || match.2 == service[...] {
                found.insert(Method(name: match.1, input: match.3))
            }
        }
        return found
    }
}
