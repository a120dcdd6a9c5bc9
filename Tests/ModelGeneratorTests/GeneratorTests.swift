import Core
import Testing

@testable import ModelGenerator

@Suite struct GeneratorTests {
    private static let names: [(model: String, swift: String)] = [
        ("FunctionName", "functionName"), ("KMSKeyArn", "kmsKeyArn"), ("ACL", "acl"), ("ETag", "eTag"), ("Key", "key"),
        ("Protocol", "`protocol`"), ("MD5OfBody", "md5OfBody"), ("x-amz-acl", "xAmzAcl"), ("aws:kms", "awsKms"),
        ("python3.12", "python3_12"), ("2x", "_2x"), ("SSEKMSKeyId", "ssekmsKeyId"), ("ListObjectsV2", "listObjectsV2"),
    ]

    @Test("names of the models as Swift writes them", arguments: names)
    func name(model: String, swift: String) { #expect(Names.lowerCamel(model) == swift) }

    @Test("constants are unique") func cases() {
        #expect(Names.cases(["CREATE_FAILED", "create-failed"]).map(\.name) == ["createFailed", "createFailed2"])
    }

    private static let model: JSON = [
        "metadata": [
            "protocol": "json", "jsonVersion": "1.0", "endpointPrefix": "x", "serviceFullName": "X Y",
            "apiVersion": "1",
        ],
        "operations": [
            "Get": [
                "http": ["method": "POST", "requestUri": "/"], "input": ["shape": "In"], "output": ["shape": "Out"],
                "errors": [["shape": "Gone"]],
            ],
            "Put": ["http": ["method": "POST", "requestUri": "/"], "input": ["shape": "Unreached"]],
            "GetOld": ["http": ["method": "POST", "requestUri": "/"], "deprecated": true],
            "GetOther": ["http": ["method": "GET", "requestUri": "/"], "deprecated": true],
        ],
        "shapes": [
            "In": [
                "type": "structure", "required": ["Name"],
                "members": ["Name": ["shape": "Name"], "Type": ["shape": "Kind"]],
            ],
            "Out": ["type": "structure", "members": ["All": ["shape": "All"]]],
            "All": ["type": "map", "key": ["shape": "Name"], "value": ["shape": "Times"]],
            "Times": ["type": "list", "member": ["shape": "Time"]], "Time": ["type": "timestamp"],
            "Name": ["type": "string", "min": 1, "max": 5, "pattern": "[a b]|c"],
            "Kind": ["type": "string", "enum": ["A b", "C|d"]],
            "Gone": [
                "type": "structure", "members": ["message": ["shape": "Name"]], "error": ["httpStatusCode": 410],
                "exception": true,
            ],
            "Unreached": ["type": "structure", "members": JSON.object(JSONObject())],
        ],
    ]

    private static func files(_ model: JSON = model) throws -> [String: String] {
        let selection = try Selection(["service": "x", "name": "Ex", "operations": ["Get"]])
        let files = Renderer(try Translator.translate(model, selection)).files()
        return Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.text) })
    }

    private static let wanted: [(file: String, lines: [String])] = [
        (
            "Ex+Table.swift",
            [
                "operation Get POST / 200 In Out", "unsupported Put POST / 200 - -",
                "unsupported GetOld POST / 200 - - as=Get", "unsupported GetOther GET / 200 - -\n",
                "string Kind enum=A%20b|C%7Cd", "string Name length=1,5 pattern=[a b]|c",
                "structure Gone fault=Gone,410,sender",
                " Name Name required", "title X%20Y", "protocols json-1.0",
            ]
        ),
        (
            "Ex+Shapes.swift",
            [
                "public struct In: Shape {", "public var name: String { get { record[required: 0] }",
                "public var type: Kind? { get { record[1] }", "public var all: [String: [Timestamp]]? {",
                "public import Core",
            ]
        ),
        ("Ex+Enumerations.swift", ["public static var aB: Self { Self(rawValue: \"A b\") }"]),
        ("Ex+API.swift", ["func get(_ input: In, _ context: RequestContext) async throws(AWSError) -> Out"]),
        (
            "Ex+Errors.swift",
            ["public static func gone(_ message: String?) -> AWSError { AWSError(\"Gone\", message) }"]
        ),
    ]

    @Test("a model becomes a table, shapes and an interface", arguments: wanted)
    func render(file: String, lines: [String]) throws {
        let text = try #require(try Self.files()[file])
        for line in lines { #expect(text.contains(line), "\(line) is missing in \(text)") }
        #expect(!text.contains("Unreached"))
        #expect(!text.contains("struct Gone"))
    }

    @Test("of a service that is not built there are the answers, as data") func answersOnly() throws {
        let selection = try Selection(["service": "x", "name": "Ex", "answersOnly": true, "operations": ["Get"]])
        let files = Renderer(try Translator.translate(Self.model, selection)).files()
        #expect(files.map(\.name) == ["Ex.swift", "Ex+Table.swift"])
        #expect(files[1].text.contains("operation Get POST / 200 - Out\n"))
        #expect(files[1].text.contains("map All"))
        for unwanted in ["structure In", "Gone", "unsupported"] { #expect(!files[1].text.contains(unwanted)) }
    }

    @Test("the same model gives the same files") func deterministic() throws {
        let first = try Self.files()
        let second = try Self.files()
        #expect(first == second)
    }

    @Test("patches change the model, and must say why and where") func patches() throws {
        let patches = try Patches([
            ["service": "x", "at": ["shapes", "Name"], "set": ["max": 9], "remove": ["pattern"], "reason": "it is so"]
        ])
        let changed = try patches.applied(to: Self.model, service: "x")
        #expect(changed["shapes"]?["Name"] == ["type": "string", "min": 1, "max": 9])
        try patches.requireAllUsed(unless: false)
        #expect(throws: Problem.self) { try Patches([["service": "x", "at": ["shapes"]]]) }
        let lost = try Patches([["service": "x", "at": ["shapes", "Nope"], "reason": "r"]])
        #expect(throws: Problem.self) { try lost.applied(to: Self.model, service: "x") }
        let other = try Patches([["service": "y", "at": ["shapes"], "reason": "r"]])
        #expect(throws: Problem.self) { try other.requireAllUsed(unless: false) }
    }

    @Test("an operation that the model does not have is named") func unknownOperation() throws {
        let selection = try Selection(["service": "x", "name": "Ex", "operations": ["Nope"]])
        #expect {
            _ = try Translator.translate(Self.model, selection)
        } throws: { "\($0)".contains("'Nope'") }
    }
}
