public import Wire

/// Lets callers download the archives of functions and layers, at the places that GetFunction and GetLayerVersion name. It
/// has the form of the gateway's HTTP routes.
public struct ArchiveRoute: Sendable {
    static let prefix = "/_lambda/code/"

    private let packages: FunctionPackages

    public init(packages: FunctionPackages) { self.packages = packages }

    public var isControlPlane: Bool { true }

    public var bodyLimit: Int? { 0 }

    public func accepts(_ request: WireRequest) -> Bool {
        request.path.hasPrefix(Self.prefix) && (request.method == "GET" || request.method == "HEAD")
    }

    public func respond(to request: WireRequest, peer: String) async -> WireResponse {
        let name = request.path.dropFirst(Self.prefix.count)
        guard name.hasSuffix(".zip"), let file = packages.archive(named: String(name.dropLast(4))) else {
            return WireResponse(status: 404)
        }
        return WireResponse(
            status: 200, headers: ["content-type": "application/zip"], body: ByteStream(.file(file)))
    }
}
