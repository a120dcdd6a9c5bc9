import Testing

@testable import Core

@Suite struct CertificateTests {
    @Test(arguments: ["", "a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func whatIsNoCertificateIsNotRead(_ text: String) {
        let isRead = Certificate(pem: text) != nil
        #expect(!isRead)
        let isKey = PrivateKey(pem: text) != nil
        #expect(!isKey)
    }
}
