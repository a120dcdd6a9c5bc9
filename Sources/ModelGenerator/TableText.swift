import Core

/// Lines of a model table; `Wire`'s reader of the table is the other side.
enum TableText {
    static func shape(_ name: String, _ type: String, _ json: JSON) -> String {
        var fields = [kind(type, json), name]
        if let namespace = json["xmlNamespace"] { fields += namespaceTrait(namespace) }
        if let name = json["locationName"]?.stringValue { fields.append("xmlName=\(name)") }
        if json["flattened"]?.boolValue == true { fields.append("flattened") }
        if let payload = json["payload"]?.stringValue,
            let index = json["members"]?.objectValue?.position(of: payload)
        {
            fields.append("payload=\(index)")
        }
        if let format = json["timestampFormat"]?.stringValue { fields.append("timestamp=\(format)") }
        if let type = json["contentType"]?.stringValue { fields.append("contentType=\(type)") }
        if json["eventstream"]?.boolValue == true { fields.append("eventStream") }
        if json["streaming"]?.boolValue == true { fields.append("streaming") }
        if json["sensitive"]?.boolValue == true { fields.append("sensitive") }
        if json["exception"]?.boolValue == true || json["error"] != nil {
            fields.append(fault(name, json))
        }
        fields += constraints(type, json)
        return fields.joined(separator: " ")
    }

    private static func kind(_ type: String, _ json: JSON) -> String {
        switch type {
        case "character": "string"
        case "byte", "short": "integer"
        case "structure" where json["document"]?.boolValue == true: "document"
        default: type
        }
    }

    private static func fault(_ name: String, _ json: JSON) -> String {
        let error = json["error"]
        let isServer = json["fault"]?.boolValue ?? false
        let status = error?["httpStatusCode"]?.intValue ?? (isServer ? 500 : 400)
        let isSender = error?["senderFault"]?.boolValue ?? !isServer && status < 500
        return "fault=\(error?["code"]?.stringValue ?? name),\(status),\(isSender ? "sender" : "server")"
    }

    private static func constraints(_ type: String, _ json: JSON) -> [String] {
        var fields: [String] = []
        let isNumber = ["integer", "long", "float", "double", "short", "byte"].contains(type)
        if json["min"] != nil || json["max"] != nil {
            let bounds = [json["min"], json["max"]].map { $0.map { number($0) } ?? "" }
            fields.append("\(isNumber ? "range" : "length")=\(bounds.joined(separator: ","))")
        }
        if let values = json["enum"]?.arrayValue {
            fields.append("enum=" + values.compactMap(\.stringValue).map(escape).joined(separator: "|"))
        }
        if let text = json["objectionToLength"]?.stringValue { fields.append("objectionToLength=\(escape(text))") }
        // Last, because it takes the rest of the line.
        if let pattern = json["pattern"]?.stringValue { fields.append("pattern=\(pattern)") }
        return fields
    }

    private static func number(_ json: JSON) -> String {
        json.intValue.map(String.init) ?? json.doubleValue.map { String($0) } ?? ""
    }

    static func member(_ name: String, _ json: JSON, isRequired: Bool) -> String {
        var fields = [name, json["shape"]?.stringValue ?? "?"]
        if isRequired { fields.append("required") }
        if let placed = place(name, json) { fields.append(placed) }
        if json["flattened"]?.boolValue == true { fields.append("flattened") }
        if let format = json["timestampFormat"]?.stringValue { fields.append("timestamp=\(format)") }
        if json["xmlAttribute"]?.boolValue == true { fields.append("attribute") }
        if let name = json["queryName"]?.stringValue { fields.append("queryName=\(name)") }
        if json["xmlText"]?.boolValue == true { fields.append("text") }
        if let namespace = json["xmlNamespace"] { fields += namespaceTrait(namespace) }
        if json["streaming"]?.boolValue == true { fields.append("streaming") }
        if json["eventpayload"]?.boolValue == true { fields.append("eventPayload") }
        if json["eventheader"]?.boolValue == true { fields.append("eventHeader") }
        if json["idempotencyToken"]?.boolValue == true { fields.append("token") }
        return fields.joined(separator: " ")
    }

    private static func place(_ name: String, _ json: JSON) -> String? {
        let wireName = json["locationName"]?.stringValue
        switch json["location"]?.stringValue {
        case "header": return "header=\(wireName ?? name)"
        case "headers": return "headers=\(wireName ?? "")"
        case "uri": return "label=\(wireName ?? name)"
        case "querystring": return "query=\(wireName ?? name)"
        case "statusCode": return "status"
        default: return wireName.map { "name=\($0)" }
        }
    }

    private static func namespaceTrait(_ json: JSON) -> [String] {
        let uri = json.stringValue ?? json["uri"]?.stringValue ?? ""
        let prefix = json["prefix"]?.stringValue
        return ["xmlNamespace=\(uri)"] + (prefix.map { ["xmlPrefix=\($0)"] } ?? [])
    }

    /// Spaces would end the value, bars would end a value of an enumeration.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case " ": escaped += "%20"
            case "|": escaped += "%7C"
            case "%": escaped += "%25"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
