import Core

/// How an error is reported: the model's word where it has one, the error's own where not.
struct Fault {
    /// The name of the error's shape.
    var name: String
    /// The code of the query and XML protocols.
    var code: String
    var status: Int
    var isSender: Bool
    var shape: ShapeSchema?

    init(_ error: AWSError, _ model: ServiceModel) {
        shape = model.fault(error.code)
        let trait = shape?.fault
        name = shape?.name ?? error.code
        code = trait?.code ?? error.code
        status = error.status ?? trait?.status ?? (error.isSender ? 400 : 500)
        isSender = trait?.isSender ?? error.isSender
    }

    /// The name of the member that holds the message.
    var messageName: String {
        shape?.members.first { $0.name.equalsIgnoringCase("message") }?.wireName ?? "message"
    }
}

extension Fault {
    /// The body of an error in the JSON protocols.
    func json(_ error: AWSError, typed: Bool) -> [UInt8] {
        var object = JSONObject()
        if typed { object["__type"] = .string(name) }
        if let message = error.message { object[messageName] = .string(message) }
        for (name, value) in error.details { object[name] = value }
        return JSON.object(object).bytes()
    }

    /// The error of a JSON body, or of a header beside it.
    static func decodeJSON(_ response: WireResponse) -> AWSError {
        let json = (try? response.bytes()).flatMap { try? JSON(parsing: $0) }
        let type = response.headers["x-amzn-errortype"] ?? json?["__type"]?.stringValue ?? json?["code"]?.stringValue
        // Such as `com.amazonaws.sqs#QueueDoesNotExist:http://…`
        let name = type?.split(separator: ":").first?.split(separator: "#").last.map(String.init)
        let message = (json?["message"] ?? json?["Message"] ?? json?["errorMessage"])?.stringValue
        var error = AWSError(name ?? "UnknownError", message, status: response.status, isSender: response.status < 500)
        for (name, value) in json?.objectValue ?? JSONObject() where !["__type", "message", "Message"].contains(name) {
            error = error.with(name, value)
        }
        return error
    }

    /// The error of an XML body, with or without an element around it.
    static func decodeXML(_ response: WireResponse) -> AWSError {
        let root = (try? response.bytes()).flatMap { try? XMLReader.parse($0) }
        let element = root?.name == "Error" ? root : root?.first("Error") ?? root?.first("Errors")?.first("Error")
        var error = AWSError(
            element?.first("Code")?.text ?? "UnknownError", element?.first("Message")?.text, status: response.status,
            isSender: element?.first("Type").map { $0.text == "Sender" } ?? (response.status < 500))
        for child in element?.children ?? [] where !["Code", "Message", "Type"].contains(child.name) {
            error = error.with(child.name, .string(child.text))
        }
        return error
    }
}
