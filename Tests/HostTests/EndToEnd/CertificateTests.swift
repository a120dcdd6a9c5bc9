import Core
import HostTesting
import Testing

extension EndToEnd {
    /// The control plane over HTTPS, with a certificate that nobody else vouches for.
    @Suite struct CertificateTests {
        private static let openssl = Tool("openssl")

        private static let project = Samples.function(
            "trust", "#!/bin/sh\ncat > /dev/null\nprintf '\"%s %s\"' \"$AWS_ENDPOINT_URL\" \"$AWS_CA_BUNDLE\"\n",
            timeout: 60)

        @Test(.enabled(if: openssl != nil), .timeLimit(.minutes(3)))
        func `a certificate makes it HTTPS, for callers and for functions`() async throws {
            let host = try TestHost(Self.project)
            let (chain, key) = ("\(host.directory.path)/chain.pem", "\(host.directory.path)/key.pem")
            #expect(
                Self.openssl?.succeeds(
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", chain, "-days", "2",
                    "-subj", "/CN=millrace", "-addext", "subjectAltName=IP:127.0.0.1") == true)
            host.certificate = (chain, key)
            try await host.start()
            #expect(host.log.contains("AWS_ENDPOINT_URL=https://127.0.0.1:\(host.port) AWS_CA_BUNDLE=\(chain)"))
            let answer = try await host.command("invoke", "trust", "{}")
            #expect(answer.output == "\"https://127.0.0.1:\(host.port) \(chain)\"", "\(answer.errors)")
            let distrustful = try await CommandResult.run(
                ["invoke", "trust", "{}"], endpoint: "https://127.0.0.1:\(host.port)")
            #expect(distrustful.exitCode != 0)
            try await host.stop()
        }

        @Test(arguments: [
            (["--certificate", "/dev/null"], "give both or neither"),
            (["--certificate", "/none.pem", "--certificate-key", "/none.pem"], "/none.pem: No such file"),
            (["--certificate", "/dev/null", "--certificate-key", "/dev/null"], "cannot use the certificate /dev/null"),
        ])
        func `a certificate that cannot be used is named`(_ options: [String], _ message: String) async throws {
            let host = try TestHost([:])
            let arguments = [
                "up", host.project, "--data", host.data, "--port", "\(host.port)", "--webhook-port",
                "\(host.webhookPort)",
            ]
            let refused = try await CommandResult.run(arguments + options, endpoint: nil)
            #expect(refused.exitCode != 0)
            #expect(refused.errors.contains(message), "\(refused.errors)")
        }
    }
}
