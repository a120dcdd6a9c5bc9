import Objects

/// Header fields of objects beyond ASCII. S3 writes them in ISO-8859-1.
enum HeaderText {
    /// The text whose bytes in ISO-8859-1 are those that came in a header field, so that they leave as they came.
    static func received(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for byte in text.utf8 { result.append(Unicode.Scalar(byte)) }
        return String(result)
    }

    /// The text with blanks for the characters that ISO-8859-1 has not.
    static func sendable(_ text: String) -> String {
        guard !isSendable(text) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(scalar.value > 0xFF ? " " : scalar) }
        return String(result)
    }

    static func isSendable(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value <= 0xFF } }
}

extension ObjectAttributes {
    /// Takes what describes the content for text that came in header fields.
    mutating func keepHeaderBytes() {
        contentType = contentType.map(HeaderText.received)
        contentEncoding = contentEncoding.map(HeaderText.received)
        contentDisposition = contentDisposition.map(HeaderText.received)
        contentLanguage = contentLanguage.map(HeaderText.received)
        cacheControl = cacheControl.map(HeaderText.received)
    }
}
