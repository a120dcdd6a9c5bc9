/// The text of a policy as IAM measures it.
enum PolicyText {
    /// White space does not count.
    static func size(_ document: String) -> Int {
        document.unicodeScalars.count { !$0.properties.isWhitespace }
    }
}
