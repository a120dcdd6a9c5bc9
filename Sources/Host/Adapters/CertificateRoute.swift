import Gateway
import Messaging
import Wire

/// Serves the certificate with which receivers check the signatures of notifications.
struct CertificateRoute: HTTPRoute {
    let signer: NotificationSigner

    func accepts(_ request: WireRequest) -> Bool { request.path == signer.certificatePath }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        WireResponse(
            status: 200, headers: ["Content-Type": "application/x-pem-file"],
            body: ByteStream(Array(signer.certificate.utf8)))
    }
}
