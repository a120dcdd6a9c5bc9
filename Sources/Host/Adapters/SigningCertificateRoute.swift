import Gateway
import Messaging
import Wire

/// Serves the certificate by which receivers verify the signatures of topics' notifications.
struct SigningCertificateRoute: HTTPRoute {
    private let path: String
    private let certificate: [UInt8]

    init(_ signer: NotificationSigner) {
        path = signer.certificatePath
        certificate = Array(signer.certificate.utf8)
    }

    var isControlPlane: Bool { false }

    func accepts(_ request: WireRequest) -> Bool { request.method == "GET" && request.path == path }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        WireResponse(status: 200, headers: ["Content-Type": "application/x-pem-file"], body: ByteStream(certificate))
    }
}
