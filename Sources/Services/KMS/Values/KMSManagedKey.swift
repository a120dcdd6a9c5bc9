import Core

/// The keys that AWS makes for its own services, one for each service, account and region, when they are first used.
enum KMSManagedKey {
    /// What is said of the keys of some services.
    private static let purposes = [
        "s3": "protects my S3 objects", "sqs": "protects my SQS messages", "sns": "protects my SNS topics",
        "lambda": "protects my Lambda functions", "secretsmanager": "protects my Secrets Manager secrets",
        "ssm": "protects my SSM parameters", "dynamodb": "protects my DynamoDB tables",
        "events": "protects my EventBridge resources", "kinesis": "protects my Kinesis streams",
        "ebs": "protects my EBS volumes", "rds": "protects my RDS database volumes",
    ]

    /// The service of an alias such as `alias/aws/s3`; nil for other aliases.
    static func service(ofAlias name: String) -> String? {
        guard name.hasPrefix(KMSAlias.managedPrefix) else { return nil }
        let service = String(name.dropFirst(KMSAlias.managedPrefix.count))
        return purposes[service] == nil ? nil : service
    }

    static func description(_ service: String) -> String {
        "Default key that \(purposes[service] ?? "protects my data") when no other key is defined"
    }

    /// Always the same one.
    static func id(_ service: String, _ scope: Scope) -> String {
        let digits = hexadecimal(
            Digest.sha256(Array("aws/\(service)/\(scope.account)/\(scope.region)".utf8)).prefix(16))
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    static func policy(_ service: String, _ scope: Scope) -> String {
        let action =
            #"["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:CreateGrant","kms:DescribeKey"]"#
        return """
            {"Version":"2012-10-17","Id":"auto-\(service)-2","Statement":[{"Sid":"Allow access through \(service) for \
            all principals in the account that are authorized to use \(service)","Effect":"Allow","Principal":\
            {"AWS":"*"},"Action":\(action),"Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":\
            "\(scope.account)","kms:ViaService":"\(service).\(scope.region).amazonaws.com"}}},{"Sid":"Allow direct \
            access to key metadata to the account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::\
            \(scope.account):root"},"Action":["kms:Describe*","kms:Get*","kms:List*"],"Resource":"*"}]}
            """
    }
}
