import Testing

/// Buckets as websites.
@Suite struct WebsiteTests {
    private static let site = ("Host", "box.s3-website.localhost:4566")

    private static func visit(
        _ target: String, method: String = "GET", headers: [(String, String)] = [], status: Int = 200,
        contains: [String] = [], fields: [String: String] = [:]
    ) -> Step {
        Step(
            method: method, target: target, headers: [site] + headers, status: status, contains: contains,
            fields: fields)
    }

    private static func put(_ key: String, _ body: String = "", _ headers: [(String, String)] = []) -> Step {
        Step(method: "PUT", target: "/box/\(key)", headers: headers, body: body)
    }

    private static func configure(_ inner: String) -> Step {
        Step(method: "PUT", target: "/box?website", body: "<WebsiteConfiguration>\(inner)</WebsiteConfiguration>")
    }

    private static let index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
    private static let error = "<ErrorDocument><Key>error.html</Key></ErrorDocument>"

    private static func rule(_ condition: String, _ redirect: String) -> String {
        let condition = condition.isEmpty ? "" : "<Condition>\(condition)</Condition>"
        return "<RoutingRule>\(condition)<Redirect>\(redirect)</Redirect></RoutingRule>"
    }

    private static func prefix(_ text: String) -> String { "<KeyPrefixEquals>\(text)</KeyPrefixEquals>" }
    private static let missing = "<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>"

    private static let stories = [
        S3Story(
            name: "index documents stand for directories",
            steps: [
                visit("/", status: 404, contains: ["<li>Code: NoSuchBucket</li>", "<li>BucketName: box</li>"]),
                Step(method: "PUT", target: "/box"),
                visit("/", status: 404, contains: ["<li>Code: NoSuchWebsiteConfiguration</li>"]),
                configure(index), visit("/", status: 404, contains: ["<li>Key: index.html</li>"]),
                put("index.html", "root", [("Content-Type", "text/html")]), put("a%20b/index.html", "below"),
                visit("/", contains: ["root"], fields: ["Content-Type": "text/html"]),
                visit("/", headers: [("If-None-Match", "\"63a9f0ea7bb98050796b649e85481845\"")], status: 304),
                visit("/", headers: [("Range", "bytes=0-1")], status: 206, contains: ["ro"]),
                visit("/a%20b", status: 302, fields: ["Location": "/a%20b/"]), visit("/a%20b/", contains: ["below"]),
                visit(
                    "/", method: "POST", status: 405,
                    contains: ["<h1>405 Method Not Allowed</h1>", "<li>Method: POST</li>"]),
                visit("/%FF", status: 400, contains: ["InvalidURI"]),
            ]),
        S3Story(
            name: "errors have a page of their own",
            steps: [
                Step(method: "PUT", target: "/box"), configure(index + error),
                visit(
                    "/none", status: 404,
                    contains: ["<li>Key: none</li>", "Retrieve a Custom Error Document", "<li>Key: error.html</li>"]),
                put("error.html", "sorry"), visit("/none", status: 404, contains: ["sorry"]),
                visit("/<b>", method: "PUT", status: 405),
                put("error.html", "", [("x-amz-website-redirect-location", "/elsewhere")]),
                visit("/none", status: 301, fields: ["Location": "/elsewhere"]),
            ]),
        S3Story(
            name: "rules send callers on",
            steps: [
                Step(method: "PUT", target: "/box"),
                configure(
                    index
                        + "<RoutingRules>"
                        + rule(prefix("both/") + missing, "<ReplaceKeyWith>both.html</ReplaceKeyWith>")
                        + rule(prefix("host/"), "<HostName>example.com</HostName><Protocol>https</Protocol>")
                        + rule(prefix("docs/"), "<ReplaceKeyPrefixWith/>")
                        + rule(prefix("code/"), "<HttpRedirectCode>307</HttpRedirectCode>")
                        + rule(missing, "<ReplaceKeyWith>lost.html</ReplaceKeyWith>") + "</RoutingRules>"),
                put("both/here", "here"), put("docs/x", "x", [("x-amz-website-redirect-location", "/never")]),
                put("moved", "", [("x-amz-website-redirect-location", "/both/here")]),
                visit("/both/here", contains: ["here"]),
                visit("/both/not", status: 301, fields: ["Location": "http://\(site.1)/both.html"]),
                visit("/host/k", status: 301, fields: ["Location": "https://example.com/host/k"]),
                visit("/docs/x", status: 301, fields: ["Location": "http://\(site.1)/x"]),
                visit("/code/k", status: 307), visit("/moved", status: 301, fields: ["Location": "/both/here"]),
                visit("/other", status: 301, fields: ["Location": "http://\(site.1)/lost.html"]),
            ]),
        S3Story(
            name: "a website may be elsewhere as a whole",
            steps: [
                Step(method: "PUT", target: "/box"),
                configure("<RedirectAllRequestsTo><HostName>example.com</HostName></RedirectAllRequestsTo>"),
                visit("/a/b", status: 301, fields: ["Location": "http://example.com/a/b"]),
            ]),
    ]

    @Test("visitors see pages", arguments: stories) func story(_ story: S3Story) async throws {
        try await story.run()
    }

    private static let deleted = [
        Step(method: "DELETE", target: "/box?publicAccessBlock", status: 204),
        Step(method: "DELETE", target: "/box?ownershipControls", status: 204),
    ]

    private static func policy(_ statement: String) -> Step {
        Step(
            method: "PUT", target: "/box?policy",
            body: #"{"Version":"2012-10-17","Statement":[\#(statement)]}"#, status: 204)
    }

    private static let forAll =
        #"{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::box/pub?/*"}"#
    private static let notOne =
        #"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:*"],"Resource":["arn:aws:s3:::box/*secret"]}"#

    private static let closed = [
        S3Story(
            name: "by the policy, unless the bucket holds it back",
            steps: [Step(method: "PUT", target: "/box"), configure(index), put("pub1/a", "page"), put("other", "page")]
                + [policy(forAll), visit("/pub1/a", status: 403, contains: ["<li>Code: AccessDenied</li>"])] + deleted
                + [
                    visit("/pub1/a", contains: ["page"]), visit("/other", status: 403), visit("/pub/a", status: 403),
                    policy(forAll + "," + notOne), put("pub1/a-secret", "page"), visit("/pub1/a-secret", status: 403),
                    visit("/pub1/a", contains: ["page"]),
                ]),
        S3Story(
            name: "by the lists of objects, unless the bucket ignores them",
            steps: [Step(method: "PUT", target: "/box"), configure(index)] + deleted + [
                put("a", "page", [("x-amz-acl", "public-read")]), put("b", "page"), visit("/a", contains: ["page"]),
                visit("/b", status: 403), visit("/none", status: 403),
                Step(
                    method: "PUT", target: "/box?ownershipControls",
                    body:
                        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>"
                ),
                visit("/a", status: 403),
            ]),
    ]

    @Test("where callers must be known, others see what is for everybody", arguments: closed)
    func closedStory(_ story: S3Story) async throws {
        try await story.run(isOpen: false)
    }
}
