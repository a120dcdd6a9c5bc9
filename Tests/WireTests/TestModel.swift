import Core
import Wire

/// A small service that uses what the real ones use, in every protocol.
enum TestModel {
    static func model(_ protocolName: ProtocolName, extra: String = "") -> ServiceModel {
        do {
            return try ServiceModel(parsing: table(protocolName, extra))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func table(_ name: ProtocolName, _ extra: String) -> String {
        """
        service test
         title Amazon%20Test
         endpointPrefix test
         signingName test
         targetPrefix Test_20260101
         apiVersion 2026-01-01
         protocols \(name.rawValue)
         xmlNamespace https://test.example/doc/
         validationCode ValidationException
        \(extra)
        operation PutThing POST /things?put 201 PutThingRequest PutThingResponse wrapper=PutThingResult
        operation GetBlob GET /blobs/{Key+} 200 GetBlobRequest GetBlobResponse
        unsupported DropThing DELETE /things/{Name} 200 - -
        structure PutThingRequest
         Name ThingName required
         Count Count
         Weight Weight
         Active Flag
         Color Color
         Data Data
         Made Time
         Tags Tags
         Labels Labels
         Attributes Attributes
         Inner Inner
         Names Names
         Colors Colors
         Sizes Sizes
        structure PutThingResponse
         Arn Text
         Made Time
         Parts Parts
        structure GetBlobRequest
         Key Text required label=Key
         Range Text header=Range
         Part Count query=partNumber
         Meta Attributes headers=x-amz-meta-
        structure GetBlobResponse payload=1
         ETag Text header=ETag
         Body Stream
        structure Inner
         Depth Count
         Inner Inner
         Secret Secret
         Sealed Sealed
        structure Part
         Number Count required
         ETag Text
        structure NotFound fault=Thing.NotFound,404,sender
         message Text
         Name Text
        string Text
        string ThingName length=1,8 pattern=[a-z]+
        string Secret length=1,3 sensitive
        blob Sealed length=1,3 sensitive
        string Color enum=RED|GREEN|light%20blue
        integer Count range=0,10
        double Weight
        boolean Flag
        blob Data
        blob Stream streaming
        timestamp Time
        list Tags length=0,2
         member Text
        list Labels flattened
         member Text name=Label
        list Parts
         member Part
        list Names
         member ThingName
        list Colors enum=RED|GREEN
         member Color
        map Sizes
         key ThingName
         value Count
        map Attributes
         key Text
         value Text
        """
    }

    static func operation(_ name: String, of model: ServiceModel) -> OperationSchema {
        guard let operation = model.operation(named: name) else { preconditionFailure("no operation \(name)") }
        return operation
    }

    /// Every kind of member, with texts that need escaping everywhere.
    static func thing(_ model: ServiceModel) -> Record {
        let shape = operation("PutThing", of: model).input
        var inner = Record(shape.member(named: "Inner")?.target ?? shape)
        inner[member: "Depth"] = .integer(7)
        var record = Record(shape)
        record[member: "Name"] = .string("a<b>&\"c' d%+é\u{1F600}")
        record[member: "Count"] = .integer(-3)
        record[member: "Weight"] = .double(1.5)
        record[member: "Active"] = .bool(true)
        record[member: "Color"] = .string("light blue")
        record[member: "Data"] = .blob([0, 1, 254, 255])
        record[member: "Made"] = .timestamp(Timestamp(milliseconds: 1_700_000_000_123))
        record[member: "Tags"] = .list([.string("one"), .string("two, three")])
        record[member: "Labels"] = .list([.string("x"), .string("y")])
        record[member: "Attributes"] = .map([
            MapEntry(key: "k 1", value: .string("v&")), MapEntry(key: "k2", value: .string("w")),
        ])
        record[member: "Inner"] = .structure(inner)
        return record
    }
}

extension Record {
    /// A text by which records are compared.
    var text: String {
        let parts = schema.members.compactMap { member -> String? in
            let value = self[raw: member.index]
            return value.isAbsent ? nil : "\(member.name)=\(value.text)"
        }
        return "{\(parts.joined(separator: " "))}"
    }
}

extension Value {
    var text: String {
        switch self {
        case .absent: "-"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): text
        case .timestamp(let instant): "@\(instant.milliseconds)"
        case .blob(let bytes): "\(bytes)"
        case .list(let elements): "[" + elements.map(\.text).joined(separator: "|") + "]"
        case .map(let entries): "[" + entries.map { "\($0.key):\($0.value.text)" }.sorted().joined(separator: "|") + "]"
        case .structure(let record): record.text
        case .document(let json): json.text()
        case .stream, .events: "stream"
        }
    }
}
