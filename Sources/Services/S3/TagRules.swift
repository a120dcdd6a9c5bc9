import AWSModels
import Core
import Objects
import Wire

/// S3's rules for the tags of buckets and objects.
enum TagRules {
    enum Target {
        case newBucket
        case bucket
        case object

        var limit: Int { self == .object ? 10 : 50 }
    }

    static func check(_ tags: [S3.Tag], _ target: Target) throws(AWSError) {
        guard tags.count <= target.limit else {
            throw AWSError(
                "BadRequest",
                target == .object
                    ? "Object tags cannot be greater than 10" : "Bucket tag count cannot be greater than 50",
                status: 400)
        }
        var keys: Set<String> = []
        for tag in tags {
            let record = tag.record
            guard record.schema.members.allSatisfy({ record.has($0.index) }) else { throw .malformedXML() }
            guard keys.insert(tag.key).inserted else {
                throw invalid("Cannot provide multiple Tags with the same key", tag.key)
            }
            guard !tag.key.hasPrefix("aws:") else {
                if target == .newBucket {
                    throw AWSError(
                        "InvalidTag",
                        "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. Remove \"aws:\" from your tag keys and try again.",
                        status: 400)
                }
                throw target == .bucket
                    ? AWSError("InvalidTag", "System tags cannot be added/updated by requester", status: 400)
                        .with("TagKey", .string(tag.key))
                    : invalid("Your TagKey cannot be prefixed with aws:", tag.key)
            }
            guard (1...128).contains(tag.key.unicodeScalars.count), isValid(tag.key) else {
                throw invalid("The TagKey you have provided is invalid", tag.key)
            }
            guard tag.value.unicodeScalars.count <= 256, isValid(tag.value) else {
                throw AWSError("InvalidTag", "The TagValue you have provided is invalid", status: 400)
                    .with("TagKey", .string(tag.key)).with("TagValue", .string(tag.value))
            }
        }
    }

    private static func invalid(_ message: String, _ key: String) -> AWSError {
        AWSError("InvalidTag", message, status: 400).with("TagKey", .string(key))
    }

    /// Letters, digits and spaces of all scripts, and some punctuation.
    private static func isValid(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber, .spaceSeparator:
                true
            default: "_.:/=+-@".unicodeScalars.contains(scalar)
            }
        }
    }

    /// The tags of the `x-amz-tagging` header, which is a query string.
    static func parse(header: String) throws(AWSError) -> [ObjectAttributes.Pair] {
        let malformed = AWSError.invalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
            "x-amz-tagging", header)
        guard let pairs = PercentCoding.pairs(header) else { throw malformed }
        var names: Set<String> = []
        for pair in pairs {
            guard !pair.name.isEmpty, names.insert(pair.name).inserted else { throw malformed }
        }
        let tags = pairs.map { pair in
            S3.Tag {
                $0.key = pair.name
                $0.value = pair.value
            }
        }
        do {
            try check(tags, .object)
        } catch
            where error.message == "The TagKey you have provided is invalid"
            || error.message == "The TagValue you have provided is invalid"
        {
            throw malformed
        }
        return pairs.map { ObjectAttributes.Pair($0.name, $0.value) }
    }
}
