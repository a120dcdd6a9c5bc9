import AWSModels
import Core
import Wire

/// The texts of key policies.
enum KMSPolicy {
    static let name = "default"

    /// What a key has where its maker says nothing else; written as AWS writes it.
    static func standard(_ account: String) -> String {
        """
        {
          "Version" : "2012-10-17",
          "Id" : "key-default-1",
          "Statement" : [ {
            "Sid" : "Enable IAM User Permissions",
            "Effect" : "Allow",
            "Principal" : {
              "AWS" : "arn:aws:iam::\(account):root"
            },
            "Action" : "kms:*",
            "Resource" : "*"
          } ]
        }
        """
    }

    /// - Throws: where the text is no document with statements.
    static func checked(_ text: String) throws(AWSError) -> String {
        guard let document = try? JSON(parsing: text), document["Statement"] != nil else {
            throw KMS.Errors.malformedPolicyDocumentException(
                "The policy document is not a JSON object with a Statement.")
        }
        return text
    }
}

/// The rules of the tags of keys.
enum KMSTags {
    private static let limit = 50

    static func checked(_ tags: [KMS.Tag]) throws(AWSError) -> [(name: String, value: String)] {
        guard tags.count <= limit else { throw KMS.Errors.tagException("Too many tags") }
        guard Set(tags.map(\.tagKey)).count == tags.count else {
            throw KMS.Errors.tagException("Duplicate tag keys")
        }
        guard tags.allSatisfy({ !$0.tagKey.lowercased().hasPrefix("aws:") }) else {
            throw KMS.Errors.tagException("Tags beginning with aws: are reserved")
        }
        return tags.map { ($0.tagKey, $0.tagValue) }
    }

    /// - Parameter count: how many a key has.
    static func requireFew(_ count: Int) throws(AWSError) {
        guard count <= limit else { throw KMS.Errors.tagException("Too many tags") }
    }

    static func shape(_ tags: [(name: String, value: String)]) -> [KMS.Tag] {
        tags.map { tag in
            KMS.Tag {
                $0.tagKey = tag.name
                $0.tagValue = tag.value
            }
        }
    }
}
