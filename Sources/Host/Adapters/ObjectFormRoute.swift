import Gateway
import Services
import Wire

/// Forms that upload objects.
struct ObjectFormRoute: HTTPRoute {
    let forms: ObjectForms

    var refusesInJSON: Bool { false }

    func accepts(_ request: WireRequest) -> Bool { forms.accepts(request) }
    var crossOrigin: (any CrossOriginPolicy)? { forms.crossOrigin }
    /// Files have any size.
    var bodyLimit: Int? { nil }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        await forms.respond(to: request, peer: peer)
    }
}
