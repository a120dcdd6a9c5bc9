import Gateway
import Messaging
import Wire

/// Serves the certificate by which receivers verify the signatures of topics' notifications.
struct SigningCertificateRoute: HTTPRoute {
    let signer: NotificationSigner

    var isControlPlane: Bool { false }

    func accepts(_ request: WireRequest) -> Bool { request.method == "GET" && request.path == signer.certificatePath }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        WireResponse(
            status: 200, headers: ["Content-Type": "application/x-pem-file"],
            body: ByteStream(Array(signer.certificate.utf8)))
    }
}
