import Testing

/// What web pages of other origins may do with buckets.
@Suite struct CORSTests {
    private static let configuration = """
        <CORSConfiguration>
          <CORSRule><AllowedOrigin>http://*.example.com</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
        <AllowedMethod>POST</AllowedMethod><AllowedHeader>x-Amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
        <MaxAgeSeconds>30</MaxAgeSeconds></CORSRule>
          <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>
        </CORSConfiguration>
        """

    private static func preflight(
        _ origin: String, _ method: String?, _ headers: String? = nil, to target: String = "/box/k", status: Int = 200,
        contains: [String] = [], fields: [String: String] = [:]
    ) -> Step {
        var asked = [("Origin", origin)]
        if let method { asked.append(("Access-Control-Request-Method", method)) }
        if let headers { asked.append(("Access-Control-Request-Headers", headers)) }
        return Step(
            method: "OPTIONS", target: target, headers: asked, status: status, contains: contains, fields: fields)
    }

    private static let form = """
        --x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x\r\n\
        Content-Disposition: form-data; name="file"\r\n\r\nbytes\r\n--x--\r\n
        """

    private static func post(_ origin: String, status: Int) -> Step {
        Step(
            method: "POST", target: "/box",
            headers: [("Origin", origin), ("Content-Type", "multipart/form-data; boundary=x")], body: form,
            status: status)
    }

    private static let stories = [
        S3Story(
            name: "without rules nothing is allowed, and reading goes on",
            steps: [
                preflight("http://a.example.com", "GET", status: 403, contains: ["CORSResponse: Bucket not found"]),
                Step(method: "PUT", target: "/box"),
                Step(method: "PUT", target: "/box/k", body: "text"),
                preflight(
                    "http://a.example.com", nil, status: 403,
                    contains: [
                        "<Code>AccessForbidden</Code>", "CORS is not enabled for this bucket.",
                        "<Method>OPTIONS</Method><ResourceType>BUCKET</ResourceType>",
                    ]),
                Step(
                    method: "OPTIONS", target: "/box/k", status: 400, contains: ["Origin request header needed"],
                    fields: ["Connection": "close"]),
                Step(
                    target: "/box/k", headers: [("Origin", "http://a.example.com")], contains: ["text"],
                    fields: ["Access-Control-Allow-Origin": ""]),
                post("http://a.example.com", status: 403),
            ]),
        S3Story(
            name: "the first rule that fits counts",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(method: "PUT", target: "/box?cors", body: configuration),
                Step(method: "PUT", target: "/box/k", body: "text"),
                preflight(
                    "http://a.example.com", "GET", "X-AMZ-Date,x-amz-acl",
                    fields: [
                        "Access-Control-Allow-Origin": "http://a.example.com",
                        "Access-Control-Allow-Methods": "GET, POST",
                        "Access-Control-Allow-Headers": "x-amz-date, x-amz-acl",
                        "Access-Control-Expose-Headers": "ETag", "Access-Control-Max-Age": "30",
                        "Access-Control-Allow-Credentials": "true",
                    ]),
                preflight(
                    "http://other.test", "HEAD",
                    fields: ["Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": ""]),
                preflight(
                    "http://a.example.com", "GET", "content-type", status: 403,
                    contains: ["This CORS request is not allowed.", "<ResourceType>OBJECT</ResourceType>"]),
                preflight("http://a.example.com/", "GET", to: "/box", status: 403, contains: [">BUCKET<"]),
                preflight("http://a.example.com", "PUT", status: 403, contains: ["<Method>PUT</Method>"]),
                preflight("http://a.example.com", "PATCH", status: 400, contains: ["Access-Control-Request-Method"]),
                Step(
                    target: "/box/k", headers: [("Origin", "http://a.example.com")], contains: ["text"],
                    fields: ["Access-Control-Allow-Origin": "http://a.example.com"]),
                Step(
                    target: "/box/none", headers: [("Origin", "http://a.example.com")], status: 404,
                    fields: ["Access-Control-Allow-Origin": "http://a.example.com"]),
                Step(
                    target: "/box/k", headers: [("Origin", "http://other.test")],
                    fields: ["Access-Control-Allow-Origin": ""]),
                post("http://a.example.com", status: 204), post("http://other.test", status: 403),
            ]),
        S3Story(
            name: "names that are not the program's are turned away all the same",
            steps: [
                Step(method: "PUT", target: "/box"),
                Step(method: "PUT", target: "/box?cors", body: configuration),
                Step(
                    method: "OPTIONS", target: "/box/k",
                    headers: [("Host", "evil.test"), ("Origin", "http://a.example.com")], status: 403,
                    contains: ["is not one of this program"]),
            ]),
    ]

    @Test("browsers are told what pages may do", arguments: stories) func story(_ story: S3Story) async throws {
        try await story.run()
    }
}
