import Gateway
import Services
import Wire

/// Buckets that are websites.
struct WebsiteRoute: HTTPRoute {
    let websites: Websites

    var refusesInJSON: Bool { false }

    func accepts(_ request: WireRequest) -> Bool { websites.accepts(request) }
    var crossOrigin: (any CrossOriginPolicy)? { websites.crossOrigin }
    /// Whatever is sent to a website is not read.
    var bodyLimit: Int? { nil }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        await websites.respond(to: request)
    }
}
