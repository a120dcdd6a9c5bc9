import Core
import Events
import Testing
import Workflows

@testable import OutgoingHTTP
@testable import Services

@Suite struct HTTPTaskTests {
    private static func connection(_ parameters: JSON) -> ConnectionParameters {
        let endpoint = EventEndpoint(
            .connection, Scope(account: "000000000000", region: "eu-west-1"), name: "c", suffix: "s",
            state: "AUTHORIZED",
            definition: ["AuthParameters": parameters], at: Timestamp(milliseconds: 0))
        return ConnectionParameters(endpoint, token: nil)
    }

    private static let secrets = connection([
        "ApiKeyAuthParameters": ["ApiKeyName": "ApiKey", "ApiKeyValue": "k"],
        "InvocationHttpParameters": [
            "BodyParameters": [["Key": "BodyParam", "Value": "c"]],
            "HeaderParameters": [["Key": "Header-Param", "Value": "c"]],
            "QueryStringParameters": [["Key": "q", "Value": "c"]],
        ],
    ])

    private static func parameters(_ added: JSONObject = [:]) -> JSON {
        var all: JSONObject = [
            "ApiEndpoint": "https://api.example/path", "Method": "POST", "InvocationConfig": ["ConnectionArn": "arn"],
        ]
        for (name, value) in added { all[name] = value }
        return .object(all)
    }

    @Test func connectionTakesPrecedence() throws {
        let own = Self.parameters([
            "Headers": ["Request-Id": "r", "header-param": "t"], "QueryParameters": ["q": "t", "l": ["a", "b c"]],
            "RequestBody": ["Job": "j", "BodyParam": "t"],
        ])
        let request = try HTTPTaskRequest(HTTPTaskParameters(own), Self.secrets, region: "eu-west-1")
        #expect(request.url == "https://api.example/path?l=a&l=b%20c&q=c")
        #expect(request.body == #"{"Job":"j","BodyParam":"c"}"#)
        #expect(
            request.shown.headers == "[Request-Id: r, Header-Param: c, ApiKey: k, "
                + "User-Agent: Amazon|StepFunctions|HttpInvoke|eu-west-1, Range: bytes=0-262144]")
        let sent = request.request
        #expect(sent.headers.last?.name == "Content-Type" && sent.timeout == 60_000)

        let plain = try HTTPTaskRequest(HTTPTaskParameters(own), nil, region: "eu-west-1")
        #expect(!plain.shown.headers.contains("ApiKey") && plain.url == "https://api.example/path?q=t&l=a&l=b%20c")
    }

    @Test(arguments: [
        ("INDICES", "a%5B0%5D=x&a%5B1%5D%5Bk%5D=y%20z&m%5Bn%5D=1&e="),
        ("REPEAT", "a=x&a%5Bk%5D=y%20z&m%5Bn%5D=1&e="),
        ("BRACKETS", "a%5B%5D=x&a%5B%5D%5Bk%5D=y%20z&m%5Bn%5D=1&e="),
    ]) func formsAreEncoded(format: String, body: String) throws {
        let own = Self.parameters([
            "RequestBody": ["a": ["x", ["k": "y z"]], "m": ["n": 1], "e": nil],
            "Transform": [
                "RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": ["ArrayFormat": .string(format)],
            ],
        ])
        #expect(try HTTPTaskRequest(HTTPTaskParameters(own), nil, region: "r").body == body)
    }

    @Test func listsAreJoinedByCommas() {
        #expect(FormEncoding(format: .commas).encode(["a": ["x", "y z", 1]]) == "a=x,y%20z,1")
    }

    @Test(
        arguments: [
            (["ApiEndpoint": nil], "The value of the field 'ApiEndpoint' has an invalid format"),
            (["ApiEndpoint": "ftp://x"], "The value of the field 'ApiEndpoint' has an invalid format"),
            (["Method": "TRACE"], "The value of the field 'Method' has an invalid format"),
            (["InvocationConfig": [:]], "The field 'ConnectionArn' is required but was missing"),
            (["Headers": ["Host": "x"]], "The header 'Host' cannot be set by a task"),
            (["Headers": ["X-Amz-Date": "x"]], "The header 'X-Amz-Date' cannot be set by a task"),
            (["QueryParameters": "q"], "The value of the field 'QueryParameters' has an invalid format"),
            (
                ["Transform": ["RequestBodyEncoding": "XML"]],
                "The value of the field 'RequestBodyEncoding' has an invalid format"
            ),
        ] as [(JSONObject, String)]) func refuses(added: JSONObject, message: String)
    {
        #expect(throws: TaskParameterProblem(message: message)) {
            try HTTPTaskParameters(Self.parameters(added))
        }
    }

    @Test func textsTakeNoMembers() {
        #expect(throws: TaskParameterProblem.self) {
            let parameters = try HTTPTaskParameters(Self.parameters(["RequestBody": "text"]))
            _ = try HTTPTaskRequest(parameters, Self.secrets, region: "r")
        }
    }

    struct Answer: Sendable {
        let status: Int
        let type: String
        let body: [UInt8]
        let result: Result<JSON, TaskFailure>
    }

    static let answers: [Answer] = [
        Answer(
            status: 200, type: "application/json", body: Array(#"{"a":1}"#.utf8),
            result: .success([
                "Headers": ["Content-Type": ["application/json"]], "ResponseBody": ["a": 1], "StatusCode": 200,
                "StatusText": "OK",
            ])),
        Answer(
            status: 201, type: "text/plain", body: Array("1".utf8),
            result: .success([
                "Headers": ["Content-Type": ["text/plain"]], "ResponseBody": "1", "StatusCode": 201,
                "StatusText": "Created",
            ])),
        Answer(
            status: 404, type: "text/plain", body: Array("gone".utf8),
            result: .failure(TaskFailure(error: "States.Http.StatusCode.404", cause: "gone"))),
        Answer(
            status: 503, type: "text/plain", body: [],
            result: .failure(TaskFailure(error: "States.Http.StatusCode.503", cause: "Service Unavailable"))),
        Answer(
            status: 200, type: "image/png", body: [1],
            result: .failure(
                TaskFailure(
                    error: "States.Runtime",
                    cause: "The response of the API endpoint is not supported: its body cannot be read as text."))),
    ]

    @Test(arguments: answers) func answersBecomeResults(_ answer: Answer) {
        let response = HTTPResponse(
            status: answer.status, headers: [("Content-Type", answer.type)], body: answer.body)
        let result: Result<JSON, TaskFailure>
        do throws(TaskFailure) { result = .success(try HTTPTaskResult(response).json()) } catch {
            result = .failure(error)
        }
        #expect(result == answer.result)
    }
}
