import AWSModels
import Core
import Gateway
import Services
import Wire

// What a small call costs in this program above what the bare server costs, all in one run.

/// Answers at once, so that nothing but the wire is measured.
struct Echo: SQS.API {
    func sendMessage(
        _ input: SQS.SendMessageRequest, _ context: RequestContext
    ) async throws(AWSError) -> SQS.SendMessageResult {
        SQS.SendMessageResult {
            $0.messageId = context.requestID
            $0.md5OfMessageBody = hexadecimal(Digest.md5(Array(input.messageBody.utf8)))
        }
    }
}

/// Takes and gives small objects.
struct SmallObjects: S3.API {
    static let object = [UInt8](repeating: 0x78, count: 1024)

    func getObject(_ input: S3.GetObjectRequest, _ context: RequestContext) async throws(AWSError) -> S3.GetObjectOutput
    {
        S3.GetObjectOutput {
            $0.body = ByteStream(Self.object)
            $0.eTag = "\"d41d8cd98f00b204e9800998ecf8427e\""
            $0.contentType = "binary/octet-stream"
        }
    }

    func putObject(_ input: S3.PutObjectRequest, _ context: RequestContext) async throws(AWSError) -> S3.PutObjectOutput
    {
        _ = try await (input.body ?? .empty).collect(upTo: 1 << 20)
        return S3.PutObjectOutput { $0.eTag = "\"d41d8cd98f00b204e9800998ecf8427e\"" }
    }
}

let scope = "Credential=test/20261122/us-east-1"
let signature =
    "SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
func authorization(_ service: String) -> (String, String) {
    ("Authorization", "AWS4-HMAC-SHA256 \(scope)/\(service)/aws4_request, \(signature)")
}
let agent = ("User-Agent", "Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux lang/python#3.11.7")

let json = Load.Request(
    headers: [
        ("X-Amz-Target", "AmazonSQS.SendMessage"), ("Content-Type", "application/x-amz-json-1.0"), agent,
        ("X-Amz-Date", "20261122T103103Z"), authorization("sqs"), ("amz-sdk-invocation-id", "1b2c"),
    ],
    body: #"{"QueueUrl":"http://127.0.0.1:4566/000000000000/parcels","MessageBody":"{\"parcel\":17,\"to\":\"Lyon\"}"}"#)
let query = Load.Request(
    headers: [("Content-Type", "application/x-www-form-urlencoded"), agent, authorization("sts")],
    body: "Action=GetCallerIdentity&Version=2011-06-15")
let get = Load.Request(method: "GET", path: "/bucket/key", headers: [agent, authorization("s3")])
let put = Load.Request(
    method: "PUT", path: "/bucket/key", headers: [agent, authorization("s3")], body: String(repeating: "x", count: 1024)
)

var configuration = GatewayConfiguration()
configuration.port = 0
let sts = STSProvider(clock: SystemClock(), random: SystemRandomSource())
let gateway = Gateway(
    configuration, services: [STS.service(sts), SQS.service(Echo()), S3.service(SmallObjects())])
let gatewayPort = try await gateway.start()
let barePort = try await BareServer().start()

let load = Load()
let cases: [(name: String, request: Load.Request, port: Int)] = [
    ("bare handler, the same json request", json, barePort), ("SQS SendMessage, json", json, gatewayPort),
    ("STS GetCallerIdentity, query", query, gatewayPort), ("S3 GET of 1 KB", get, gatewayPort),
    ("S3 PUT of 1 KB", put, gatewayPort),
]
var results = [[LoadResult]](repeating: [], count: cases.count)
for _ in 0..<3 {
    for (index, item) in cases.enumerated() {
        if let result = load.run(item.request, port: item.port) { results[index].append(result) }
    }
}

func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }
func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

let bare = median(results[0].map(\.cpu))
print(padded("", 40), "requests/s   CPU us   above the bare handler")
for (index, item) in cases.enumerated() {
    let (rate, cpu) = (median(results[index].map(\.requestsPerSecond)), median(results[index].map(\.cpu)))
    print(
        padded(item.name, 40), padded(String(Int(rate)), 12), padded(String(Int(cpu)), 8), "\(Int(cpu - bare)) us")
}
