import AWSModels
import Messaging
import Wire

/// Message attributes of publications, checked with the service's own words.
enum MessageAttributes {
    /// - Parameter path: where the attributes stand in the request, for messages.
    static func list(
        _ map: [String: SNS.MessageAttributeValue]?, at path: String
    ) throws(AWSError) -> [MessageAttribute] {
        var list: [MessageAttribute] = []
        for (name, value) in (map ?? [:]).sorted(by: { $0.key < $1.key }) {
            list.append(try attribute(name, value, path))
        }
        return list
    }

    private static func refusal(_ message: String) -> AWSError { SNS.Errors.invalidParameterValueException(message) }

    private static func attribute(
        _ name: String, _ value: SNS.MessageAttributeValue, _ path: String
    ) throws(AWSError) -> MessageAttribute {
        try validate(name: name)
        let type = value.dataType
        guard value.record.has(0) else { throw SNSProvider.missing("\(path).\(name).member.dataType") }
        let base = type.prefix { $0 != "." }
        guard ["String", "Number", "Binary"].contains(base), type == base || type.utf8.count > base.utf8.count + 1
        else {
            throw refusal(
                "The message attribute '\(name)' has an invalid message attribute type, the set of supported type "
                    + "prefixes is Binary, Number, and String.")
        }
        let empty = refusal(
            "The message attribute '\(name)' must contain non-empty message attribute value for message attribute "
                + "type '\(type)'.")
        guard value.stringValue != nil || value.binaryValue != nil else { throw empty }
        let isBinary = base == "Binary"
        let wrongField = refusal(
            "The message attribute '\(name)' with type '\(type)' must use field '\(isBinary ? "Binary" : "String")'.")
        if isBinary {
            guard let bytes = value.binaryValue?.bytes else { throw wrongField }
            guard !bytes.isEmpty else { throw empty }
            return MessageAttribute(name: name, type: type, value: .binary(bytes))
        }
        guard let text = value.stringValue else { throw wrongField }
        guard !text.isEmpty else { throw empty }
        let attribute = MessageAttribute(name: name, type: type, value: .string(text))
        guard attribute.isNumeric else {
            throw refusal("Could not cast message attribute '\(name)' value to number.")
        }
        return attribute
    }

    private static func validate(name: String) throws(AWSError) {
        guard name.utf8.count <= 256 else {
            throw refusal("Length of message attribute name must be less than 256 bytes.")
        }
        if name.hasPrefix(".") {
            throw refusal("Invalid message attribute name starting with character '.' was found.")
        }
        if name.hasSuffix(".") {
            throw refusal("Invalid message attribute name ending with character '.' was found.")
        }
        for character in name.unicodeScalars where !isNameCharacter(character) {
            let code = String(character.value, radix: 16, uppercase: true)
            throw refusal(
                "Invalid non-alphanumeric character '#x\(code)' was found in the message attribute name. "
                    + "Can only include alphanumeric characters, hyphens, underscores, or dots.")
        }
        if name.contains("..") { throw refusal("Message attribute name can not have successive '.' character.") }
    }

    private static func isNameCharacter(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
        default: false
        }
    }
}
