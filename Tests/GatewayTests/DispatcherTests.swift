import AWSModels
import Core
import Gateway
import Services
import Testing
import Wire

/// The same requests that come over a socket, without one.
@Suite struct DispatcherTests {
    private static func dispatcher(_ change: (inout GatewayConfiguration) -> Void = { _ in }) -> Dispatcher {
        var configuration = GatewayConfiguration()
        change(&configuration)
        let sts = STSProvider(clock: FixedClock(), random: SystemRandomSource())
        return Dispatcher(
            configuration,
            services: [
                STS.service(sts), S3.service(MemoryObjects()), SQS.service(EchoQueue()), Lambda.service(NoFunctions()),
            ],
            routes: [Hello()], clock: FixedClock())
    }

    private struct NoFunctions: Lambda.API {}

    private static func scope(_ service: String, key: String = "123456789012", region: String = "eu-west-1") -> String {
        "AWS4-HMAC-SHA256 Credential=\(key)/20261122/\(region)/\(service)/aws4_request, SignedHeaders=host, Signature=0"
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var request: WireRequest
        var status: Int
        /// Parts of the body.
        var body: [String]
        var testDescription: String { name }
    }

    private static func json(_ target: String, _ body: String) -> WireRequest {
        WireRequest(
            method: "POST", path: "/",
            headers: [
                "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0", "Host": "127.0.0.1:4566",
                "Authorization": scope("sqs"),
            ], body: ByteStream(Array(body.utf8)))
    }

    private static func form(_ body: String, _ service: String? = nil) -> WireRequest {
        var request = WireRequest(
            method: "POST", path: "/",
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Host": "localhost:4566"],
            body: ByteStream(Array(body.utf8)))
        if let service { request.headers["Authorization"] = scope(service) }
        return request
    }

    private static func plain(_ method: String, _ target: String, _ headers: HTTPFields = ["Host": "127.0.0.1"])
        -> WireRequest
    {
        let halves = target.split(separator: "?", maxSplits: 1)
        return WireRequest(
            method: method, path: String(halves[0]), query: halves.count > 1 ? String(halves[1]) : "", headers: headers)
    }

    private static let cases: [Case] = [
        Case(
            name: "json by its target",
            request: json("AmazonSQS.SendMessage", #"{"QueueUrl":"http://h/1/q","MessageBody":"b"}"#),
            status: 200, body: [#""MessageId":"123456789012/eu-west-1""#, #""MD5OfMessageBody":"b""#]),
        Case(
            name: "json error", request: json("AmazonSQS.SendMessage", #"{"QueueUrl":"x","MessageBody":"b"}"#),
            status: 400,
            body: [#"{"__type":"QueueDoesNotExist","message":"The specified queue does not exist."}"#]),
        Case(
            name: "json, unknown operation", request: json("AmazonSQS.Nope", "{}"), status: 400,
            body: ["UnknownOperationException"]),
        Case(
            name: "json, unknown service", request: json("Nope.Nope", "{}"), status: 400,
            body: ["UnknownOperationException"]),
        Case(
            name: "json, broken", request: json("AmazonSQS.SendMessage", "{"), status: 400,
            body: ["SerializationException"]),
        Case(
            name: "not built", request: json("AmazonSQS.PurgeQueue", #"{"QueueUrl":"x"}"#), status: 501,
            body: ["NotImplemented", "PurgeQueue"]),
        Case(
            name: "the same service by a form",
            request: form(
                "Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fh%2F1%2Fq&MessageBody=b"
                    + "&MessageAttribute.1.Name=a&MessageAttribute.1.Value.StringValue=v&MessageAttribute.1.Value.DataType=String",
                "sqs"),
            status: 200,
            body: [
                "<SendMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><SendMessageResult>",
                "<MD5OfMessageBody>b</MD5OfMessageBody>", "<MD5OfMessageAttributes>v</MD5OfMessageAttributes>",
                "<ResponseMetadata><RequestId>",
            ]),
        Case(
            name: "flattened lists and maps of a form's answer",
            request: form("Action=ReceiveMessage&Version=2012-11-05&QueueUrl=q", "sqs"), status: 200,
            body: [
                "<Message><MessageId>1</MessageId><Body>b</Body><Attribute><Name>SenderId</Name><Value>x</Value></Attribute></Message>"
            ]),
        Case(
            name: "the old error code",
            request: form("Action=SendMessage&Version=2012-11-05&QueueUrl=x&MessageBody=b", "sqs"),
            status: 400, body: ["<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"]),
        Case(
            name: "form without a signature", request: form("Action=GetCallerIdentity&Version=2011-06-15"), status: 200,
            body: ["<Account>000000000000</Account>", "<Arn>arn:aws:iam::000000000000:root</Arn>"]),
        Case(
            name: "account from the key", request: form("Action=GetCallerIdentity&Version=2011-06-15", "sts"),
            status: 200,
            body: ["<Account>123456789012</Account>"]),
        Case(
            name: "model constraints", request: form("Action=AssumeRole&Version=2011-06-15&RoleArn=x", "sts"),
            status: 400,
            body: ["ValidationError", "2 validation errors detected: Value 'x' at 'roleArn'"]),
        Case(
            name: "form without action", request: form("Version=2011-06-15", "sts"), status: 400,
            body: ["MissingAction"]),
        Case(
            name: "form with another action", request: form("Action=Nope&Version=2011-06-15", "sts"), status: 400,
            body: ["InvalidAction"]),
        Case(
            name: "get with an action", request: plain("GET", "/?Action=GetCallerIdentity&Version=2011-06-15"),
            status: 200, body: ["<Account>"]),
        Case(
            name: "object", request: plain("GET", "/b/none"), status: 404,
            body: ["<Error><Code>NoSuchKey</Code>", "<Key>none</Key><RequestId>"]),
        Case(
            name: "bucket in the host",
            request: plain("GET", "/none", ["Host": "my.bucket.s3.eu-west-1.localhost:4566"]),
            status: 404, body: ["<Key>none</Key>"]),
        Case(
            name: "not built in S3", request: plain("GET", "/b?location"), status: 501,
            body: ["<Code>NotImplemented</Code>"]),
        Case(
            name: "not in the program", request: plain("GET", "/b/k?torrent"), status: 501, body: ["GetObjectTorrent"]),
        Case(
            name: "function path", request: plain("GET", "/2015-03-31/functions"), status: 501, body: ["ListFunctions"]),
        Case(
            name: "rest json, no such path",
            request: plain("GET", "/x/y/z", ["Host": "h", "Authorization": scope("lambda")]),
            status: 403, body: ["not one of this program"]),
        Case(
            name: "rest json, no such path, by the right name",
            request: plain("GET", "/x/y/z", ["Host": "localhost", "Authorization": scope("lambda")]),
            status: 400, body: [#"{"message":"Unknown operation: GET /x/y/z"}"#]),
        Case(
            name: "signed for a service that is not here",
            request: plain("GET", "/", ["Host": "localhost", "Authorization": scope("glacier")]), status: 501,
            body: [#"{"message":"This host does not serve 'glacier'. It serves lambda, s3, sqs, sts."}"#]),
        Case(
            name: "form for a service that is not here",
            request: form("Action=DescribeInstances&Version=2016-11-15", "ec2"), status: 501,
            body: ["<Code>NotImplemented</Code>", "does not serve 'ec2'"]),
        Case(
            name: "answer in JSON",
            request: plain(
                "GET", "/?Action=GetCallerIdentity&Version=2011-06-15",
                ["Host": "localhost", "Accept": "application/json"]),
            status: 200,
            body: [#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"UserId":"#, #","ResponseMetadata":{"#]),
        Case(
            name: "error in JSON",
            request: plain(
                "GET", "/?Action=AssumeRole&Version=2011-06-15",
                ["Host": "localhost", "Accept": "*/*, Application/JSON; q=0.9, text/xml"]),
            status: 400, body: [#"{"Error":{"Code":"ValidationError","Message":"#, #""Type":"Sender"},"RequestId":"#]),
        Case(
            name: "answer in XML for whoever reads both",
            request: plain(
                "GET", "/?Action=GetCallerIdentity&Version=2011-06-15",
                ["Host": "localhost", "Accept": "text/xml, application/json"]),
            status: 200, body: ["<GetCallerIdentityResponse"]),
        Case(
            name: "foreign host", request: plain("GET", "/b/k", ["Host": "evil.example"]), status: 403,
            body: ["evil.example"]),
        Case(
            name: "foreign origin",
            request: plain("GET", "/b/k", ["Host": "localhost:1", "Origin": "https://evil.example"]),
            status: 403, body: ["https://evil.example"]),
        Case(
            name: "own origin",
            request: plain("GET", "/b/none", ["Host": "localhost:1", "Origin": "http://localhost:1"]),
            status: 404, body: ["NoSuchKey"]),
        Case(
            name: "image on a foreign page",
            request: plain(
                "GET", "/?Action=GetCallerIdentity&Version=2011-06-15",
                ["Host": "localhost", "Sec-Fetch-Site": "cross-site"]),
            status: 403, body: ["AccessDenied"]),
        Case(name: "route", request: plain("GET", "/_hello"), status: 200, body: ["hello "]),
        Case(
            name: "route and a foreign origin",
            request: plain("GET", "/_hello", ["Host": "localhost", "Origin": "http://evil"]),
            status: 403, body: ["http://evil"]),
        Case(
            name: "broken signature",
            request: plain("GET", "/b/k", ["Host": "localhost", "Authorization": "AWS4-HMAC-SHA256 x"]),
            status: 400, body: ["AuthorizationHeaderMalformed"]),
    ]

    @Test("requests and their answers", arguments: cases)
    func answer(item: Case) async {
        let response = await Self.dispatcher().respond(to: item.request)
        #expect(response.status == item.status, "\(response.text)")
        for part in item.body { #expect(response.text.contains(part), "\(response.text)") }
    }

    // MARK: Signatures demanded

    private static let credentials = Credentials(accessKeyID: "210987654321", secretAccessKey: "secret")

    private static func closed() -> Dispatcher {
        dispatcher {
            $0.host = "0.0.0.0"
            $0.credentials = StaticCredentials([credentials])
        }
    }

    private static func client(_ dispatcher: Dispatcher, _ secret: String = "secret") -> AWSClient {
        var credentials = credentials
        credentials.secretAccessKey = secret
        return AWSClient(
            InProcessTransport(dispatcher), host: "127.0.0.1:4566", credentials: credentials, region: "eu-west-1",
            clock: FixedClock())
    }

    @Test("signed requests pass where signatures are demanded") func signed() async throws {
        let client = Self.client(Self.closed())
        #expect(try await client.call(STS.Operations.getCallerIdentity) { _ in }.account == "210987654321")
        let body = ByteStream(Array("content".utf8))
        _ = try await client.call(S3.Operations.putObject) {
            $0.bucket = "b"
            $0.key = "a key/with+signs%é"
            $0.body = body
        }
        let read = try await client.call(S3.Operations.getObject) {
            $0.bucket = "b"
            $0.key = "a key/with+signs%é"
        }
        #expect(try await read.body?.collect(upTo: 100) == Array("content".utf8))
    }

    @Test("others do not pass") func unsigned() async {
        let dispatcher = Self.closed()
        let client = Self.client(dispatcher, "wrong")
        await #expect(throws: AWSError.self) { try await client.call(STS.Operations.getCallerIdentity) { _ in } }
        await #expect(throws: AWSError.self) {
            try await client.call(S3.Operations.headObject) {
                $0.bucket = "b"
                $0.key = "k"
            }
        }
        let form = await dispatcher.respond(to: Self.form("Action=GetCallerIdentity&Version=2011-06-15"))
        #expect(form.status == 403)
        #expect(form.text.contains("MissingAuthenticationToken"))
        let object = await dispatcher.respond(to: Self.plain("GET", "/b/k"))
        #expect(object.status == 403)
        #expect(object.text.contains("AccessDenied"))
        let federated = await dispatcher.respond(
            to: Self.form(
                "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=rs&WebIdentityToken=abcd"
            ))
        #expect(federated.status == 200, "this operation carries no signature: \(federated.text)")
    }

    @Test("presigned addresses end") func presigned() async {
        let signer = RequestSigner(Self.credentials, region: "eu-west-1", service: "s3", clock: Earlier(seconds: 100))
        for (expires, status) in [(60, 403), (200, 404)] {
            var request = Self.plain("GET", "/b/none")
            signer.presign(&request, expires: expires)
            let strict = await Self.closed().respond(to: request)
            #expect(strict.status == status, "\(strict.text)")
            let open = await Self.dispatcher().respond(to: request)
            #expect(open.status == status, "\(open.text)")
        }
    }

    private struct Earlier: HostClock {
        let seconds: Int64
        var now: Timestamp { FixedClock().now.adding(milliseconds: -seconds * 1000) }
        func sleep(until deadline: Timestamp) async throws {}
    }

    @Test("accounts are told apart by their keys") func accounts() async throws {
        let dispatcher = Self.dispatcher()
        func client(_ key: String) -> AWSClient {
            AWSClient(
                InProcessTransport(dispatcher), host: "localhost:1",
                credentials: Credentials(accessKeyID: key, secretAccessKey: "x"),
                clock: FixedClock())
        }
        _ = try await client("111111111111").call(S3.Operations.putObject) {
            $0.bucket = "b"
            $0.key = "k"
        }
        await #expect(throws: AWSError.self) {
            try await client("222222222222").call(S3.Operations.getObject) {
                $0.bucket = "b"
                $0.key = "k"
            }
        }
        let role = try await client("111111111111").call(STS.Operations.assumeRole) {
            $0.roleArn = "arn:aws:iam::333333333333:role/team/r"
            $0.roleSessionName = "session"
        }
        let key = try #require(role.credentials?.accessKeyId)
        let identity = try await client(key).call(STS.Operations.getCallerIdentity) { _ in }
        #expect(identity.account == "333333333333")
        #expect(identity.arn == "arn:aws:sts::333333333333:assumed-role/r/session")
    }

    private static let defects: [(host: String, hasCredentials: Bool, isSound: Bool)] = [
        ("127.0.0.1", false, true), ("::1", false, true), ("localhost", false, true), ("0.0.0.0", false, false),
        ("0.0.0.0", true, true), ("192.168.1.5", false, false),
    ]

    @Test("only loopback is open without credentials", arguments: defects)
    func configuration(host: String, hasCredentials: Bool, isSound: Bool) {
        var configuration = GatewayConfiguration()
        configuration.host = host
        if hasCredentials { configuration.credentials = StaticCredentials([Self.credentials]) }
        #expect((configuration.defect == nil) == isSound)
    }
}
