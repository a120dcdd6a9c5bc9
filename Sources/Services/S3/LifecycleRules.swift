import AWSModels
import Core
import Objects
import Wire

/// A bucket's lifecycle rules and what they mean for an object.
struct LifecycleRules: Sendable {
    var rules: [S3.LifecycleRule]
    var minimumSize: String?

    private static let day: Int64 = 86_400_000
    static let standardMinimumSize = "all_storage_classes_128K"

    // MARK: The document

    init?(_ text: String?) {
        guard let text, let json = try? JSON(parsing: text), let object = json["configuration"]?.objectValue else {
            return nil
        }
        let record = RecordDocument.record(object, S3.BucketLifecycleConfiguration.schema)
        rules = S3.BucketLifecycleConfiguration(record: record).rules
        minimumSize = json["minimumSize"]?.stringValue
    }

    init(_ input: S3.PutBucketLifecycleConfigurationRequest, random: any RandomSource) throws(AWSError) {
        guard let given = input.lifecycleConfiguration?.rules, !given.isEmpty, given.count <= 1000 else {
            throw .malformedXML()
        }
        var ids: Set<String> = []
        rules = []
        for var rule in given {
            if (rule.id ?? "").isEmpty { rule.id = S3Provider.shortID(random) }
            try Self.check(rule)
            guard ids.insert(rule.id ?? "").inserted else {
                throw .invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", rule.id)
            }
            rules.append(rule)
        }
        try Self.checkForms(rules)
        if let size = input.transitionDefaultMinimumObjectSize?.rawValue {
            guard [Self.standardMinimumSize, "varies_by_storage_class"].contains(size) else {
                throw .invalidRequest("Invalid TransitionDefaultMinimumObjectSize found: \(size)")
            }
            minimumSize = size
        }
    }

    var text: String {
        let configuration = S3.BucketLifecycleConfiguration { $0.rules = rules }
        var object: JSONObject = ["configuration": .object(RecordDocument.json(configuration.record))]
        object["minimumSize"] = minimumSize.map { .string($0) }
        return JSON.object(object).text()
    }

    private static func check(_ rule: S3.LifecycleRule) throws(AWSError) {
        guard ["Enabled", "Disabled"].contains(rule.status.rawValue), (rule.id ?? "").utf8.count <= 255 else {
            throw .malformedXML()
        }
        guard rule.filter != nil || rule.prefix != nil, rule.filter == nil || rule.prefix == nil else {
            throw .malformedXML()
        }
        let hasAction =
            rule.expiration != nil || rule.noncurrentVersionExpiration != nil || rule.transitions != nil
            || rule.noncurrentVersionTransitions != nil || rule.abortIncompleteMultipartUpload != nil
        guard hasAction else { throw .malformedXML() }
        if let noncurrent = rule.noncurrentVersionExpiration, noncurrent.record.isEmpty { throw .malformedXML() }
        if let filter = rule.filter { try check(filter) }
        if let expiration = rule.expiration { try check(expiration) }
    }

    private static func check(_ filter: S3.LifecycleRuleFilter) throws(AWSError) {
        let given = filter.record.schema.members.count { filter.record.has($0.index) }
        guard given <= 1 else { throw .malformedXML() }
        guard let and = filter.and else { return }
        let parts = and.record.schema.members.count { and.record.has($0.index) }
        guard parts > 1 || (and.tags?.count ?? 0) > 1 else { throw .malformedXML() }
        let keys = (and.tags ?? []).map(\.key)
        guard Set(keys).count == keys.count else { throw .invalidRequest("Duplicate Tag Keys are not allowed.") }
    }

    private static func check(_ expiration: S3.LifecycleExpiration) throws(AWSError) {
        let given = expiration.record.schema.members.count { expiration.record.has($0.index) }
        guard given == 1 else { throw .malformedXML() }
        if let date = expiration.date, date.milliseconds % day != 0 {
            throw .invalidArgument(
                "'Date' must be at midnight GMT", "Date", date.description)
        }
        if let days = expiration.days, days <= 0 {
            throw .invalidArgument("'Days' for Expiration action must be a positive integer", "Days", String(days))
        }
    }

    // MARK: What they mean

    /// When the current version of an object expires, by the rule that comes first.
    func expiry(of version: ObjectVersion) -> (time: Timestamp, rule: String)? {
        guard version.isLatest, !version.isDeleteMarker else { return nil }
        var first: (time: Timestamp, rule: String)?
        for rule in rules where rule.status == .enabled && Self.matches(rule, version) {
            guard let expiration = rule.expiration else { continue }
            let time: Timestamp
            if let days = expiration.days {
                time = Self.midnight(after: version.lastModified, days: days)
            } else if let date = expiration.date {
                time = date
            } else {
                continue
            }
            if first.map({ time < $0.time }) ?? true { first = (time, rule.id ?? "") }
        }
        return first
    }

    /// The value of the header that tells of it.
    func header(for version: ObjectVersion) -> String? {
        expiry(of: version).map { expiry in
            "expiry-date=\"\(CivilTime(expiry.time).httpDate)\", rule-id=\"\(PercentCoding.encode(expiry.rule))\""
        }
    }

    /// The days after which versions that are no longer current expire, with how many newer ones are kept.
    func noncurrentExpirations(for version: ObjectVersion) -> [S3.NoncurrentVersionExpiration] {
        rules.filter { $0.status == .enabled && Self.matches($0, version) }.compactMap(\.noncurrentVersionExpiration)
    }

    /// Whether delete markers with nothing beneath them are taken away.
    func removesLoneMarker(_ version: ObjectVersion) -> Bool {
        rules.contains {
            $0.status == .enabled && $0.expiration?.expiredObjectDeleteMarker == true && Self.matches($0, version)
        }
    }

    /// When an upload that was not ended is given up.
    func abortion(of upload: MultipartUpload) -> (time: Timestamp, rule: String)? {
        for rule in rules where rule.status == .enabled && Self.prefix(rule).map(upload.key.text.hasPrefix) ?? true {
            guard let days = rule.abortIncompleteMultipartUpload?.daysAfterInitiation else { continue }
            return (Self.midnight(after: upload.initiated, days: days), rule.id ?? "")
        }
        return nil
    }

    /// Days are counted from the next midnight at Greenwich.
    static func midnight(after time: Timestamp, days: Int) -> Timestamp {
        let whole = time.milliseconds / day + 1 + Int64(min(max(days, 0), 100_000))
        return Timestamp(milliseconds: whole * day)
    }

    private static func prefix(_ rule: S3.LifecycleRule) -> String? {
        rule.prefix ?? rule.filter?.prefix ?? rule.filter?.and?.prefix
    }

    static func matches(_ rule: S3.LifecycleRule, _ version: ObjectVersion) -> Bool {
        if let prefix = prefix(rule), !version.key.text.utf8.starts(with: prefix.utf8) { return false }
        let filter = rule.filter
        let tags = filter?.and?.tags ?? filter?.tag.map { [$0] } ?? []
        let own = version.attributes.tags
        guard tags.allSatisfy({ tag in own.contains { $0.name == tag.key && $0.value == tag.value } }) else {
            return false
        }
        if let least = filter?.objectSizeGreaterThan ?? filter?.and?.objectSizeGreaterThan, version.size <= Int64(least)
        {
            return false
        }
        if let most = filter?.objectSizeLessThan ?? filter?.and?.objectSizeLessThan, version.size >= Int64(most) {
            return false
        }
        return true
    }
}
