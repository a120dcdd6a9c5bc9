import Core

extension OutgoingMessage {
    /// Attributes that a message may have.
    private static let attributeLimit = 10

    /// Checks the message with the service's own words.
    ///
    /// - Throws: `missingParameter`, `invalidParameterValue`, `invalidMessageContents`.
    public func validate(maximumSize: Int) throws(MessagingError) {
        guard !body.isEmpty else {
            throw MessagingError(.missingParameter, "The request must contain the parameter MessageBody.")
        }
        guard size <= maximumSize else {
            throw MessagingError(
                .invalidParameterValue,
                "One or more parameters are invalid. Reason: Message must be shorter than \(maximumSize) bytes.")
        }
        guard Self.hasValidCharacters(body) else { throw Self.invalidCharacters(.invalidMessageContents) }
        guard attributes.count <= Self.attributeLimit else {
            throw MessagingError(
                .invalidParameterValue,
                "Number of message attributes [\(attributes.count)] exceeds the allowed maximum "
                    + "[\(Self.attributeLimit)].")
        }
        for attribute in attributes { try attribute.validate() }
        try Self.validate(deduplicationID, "MessageDeduplicationId")
        try Self.validate(groupID, "MessageGroupId")
    }

    /// Letters, digits and punctuation of ASCII, 1 to 128 of them.
    private static func validate(_ id: String?, _ parameter: String) throws(MessagingError) {
        guard let id else { return }
        guard (1...128).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw MessagingError(
                .invalidParameterValue,
                "Value \(id) for parameter \(parameter) is invalid. Reason: \(parameter) can only include "
                    + "alphanumeric and punctuation characters. 1 to 128 in length.")
        }
    }

    static func invalidCharacters(_ kind: MessagingError.Kind) -> MessagingError {
        MessagingError(
            kind,
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF "
                + "| #xE000 to #xFFFD | #x10000 to #x10FFFF")
    }

    /// The characters of XML 1.0.
    static func hasValidCharacters(_ text: String) -> Bool {
        // All but the control characters, and U+FFFE and U+FFFF (EF BF BE, EF BF BF), of what UTF-8 can hold.
        var last: (UInt8, UInt8) = (0, 0)
        for byte in text.utf8 {
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            if byte >= 0xBE, last == (0xEF, 0xBF) { return false }
            last = (last.1, byte)
        }
        return true
    }
}

extension MessageAttribute {
    /// Whether it is a number, where its type says so.
    public var isNumeric: Bool {
        guard case .string(let text) = value, type == "Number" || type.hasPrefix("Number.") else { return true }
        let digits = text.drop { $0 == "-" || $0 == "+" }
        guard let first = digits.utf8.first, first == UInt8(ascii: ".") || (0x30...0x39).contains(first) else {
            return false
        }
        return Double(text) != nil && !digits.hasPrefix("0x") && !digits.hasPrefix("0X")
    }

    fileprivate func validate() throws(MessagingError) {
        func refusal(_ message: String) -> MessagingError { MessagingError(.invalidParameterValue, message) }
        guard name.utf8.count < 256 else {
            throw refusal("Message (user) attribute names must be shorter than 256 Bytes")
        }
        guard name.unicodeScalars.allSatisfy(Self.isNameCharacter) else {
            throw refusal(
                "Message (user) attributes name can only contain upper and lower score characters, digits, periods, "
                    + "hyphens and underscores. ")
        }
        let lowered = name.lowercased()
        if lowered.hasPrefix("aws.") || lowered.hasPrefix("amazon.") || lowered.hasPrefix(".") || lowered.hasSuffix(".")
        {
            throw refusal(
                "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved "
                    + "for internal use. Additionally, they cannot start or end with '.'.")
        }
        guard !type.isEmpty else { throw refusal("Missing required parameter DataType") }
        guard ["String", "Number", "Binary"].contains(where: type.hasPrefix) else {
            throw refusal(
                "Type for parameter MessageAttributes.Attribute_name.DataType must be prefixed"
                    + "with \"String\", \"Binary\", or \"Number\", but was: \(type)")
        }
        guard type.utf8.count < 256 else {
            throw refusal("Message (user) attribute types must be shorter than 256 Bytes")
        }
        try validateValue()
    }

    private func validateValue() throws(MessagingError) {
        let base = type.prefix { $0 != "." }
        let isEmpty =
            switch value {
            case .string(let text): text.isEmpty
            case .binary(let bytes): bytes.isEmpty
            }
        guard !isEmpty else {
            throw MessagingError(
                .invalidParameterValue,
                "Message (user) attribute '\(name)' must contain a non-empty value of type '\(base)'.")
        }
        if case .string(let text) = value, !OutgoingMessage.hasValidCharacters(text) {
            throw OutgoingMessage.invalidCharacters(.invalidParameterValue)
        }
        guard isNumeric else {
            throw MessagingError(
                .invalidParameterValue, "Can't cast the value of message (user) attribute '\(name)' to a number.")
        }
    }

    /// Letters, also those of Latin-1 and Latin Extended-A, digits, hyphen, underscore and dot.
    private static func isNameCharacter(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "\u{C0}"..."\u{17F}": true
        default: false
        }
    }
}
