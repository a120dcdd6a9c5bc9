import Testing

@testable import Gateway

@Suite struct HostNameTests {
    private static let hosts: [(host: String, labels: String?, bucket: String?)] = [
        ("127.0.0.1:4566", "", nil), ("localhost", "", nil), ("[::1]:4566", "", nil), ("LOCALHOST:1", "", nil),
        ("b.s3.localhost:4566", "b.s3", "b"), ("my.b.s3.eu-west-1.localhost", "my.b.s3.eu-west-1", "my.b"),
        ("b.localhost", "b", "b"), ("s3.localhost", "s3", nil), ("sync-127.0.0.1:4566", "sync", "sync"),
        ("b.s3.localhost.localstack.cloud", "b.s3", "b"), ("x.example.test", "x", "x"), ("example.test", "", nil),
        ("evil.example", nil, nil), ("localhost.evil.example", nil, nil), ("notlocalhost", nil, nil), ("", "", nil),
    ]

    @Test("host names and the buckets before them", arguments: hosts)
    func host(host: String, labels: String?, bucket: String?) {
        let names = HostNames(domains: ["example.test"])
        #expect(names.labels(host) == labels)
        if let labels { #expect(Identifier.bucket(labels) == bucket) }
    }
}
