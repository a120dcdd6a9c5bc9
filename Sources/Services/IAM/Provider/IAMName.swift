import Wire

/// The names and paths that IAM takes.
enum IAMName {
    static func check(_ name: String, _ parameter: String) throws(AWSError) {
        let isNamed = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "+=,.@_-".utf8.contains(byte)
            }
        }
        guard !isNamed else { return }
        throw IAMError.invalid(
            "The specified value for \(parameter) is invalid. It must contain only alphanumeric characters and/or "
                + "the following: +=,.@_-")
    }

    static func checkPath(_ path: String) throws(AWSError) {
        let isPath = path.hasPrefix("/") && path.hasSuffix("/") && path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard !isPath else { return }
        throw IAMError.invalid(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
                + "characters and/or / characters.")
    }
}
