import AWSModels
import Core
import Testing
import Wire

@testable import Services

@Suite struct SecretTests {
    // MARK: Staging labels

    struct Staging: Sendable, CustomTestStringConvertible {
        /// Labels of the versions `a`, `b` and `c`, before and after.
        var before: [[String]]
        var stages: [String]
        var to: String
        var after: [[String]]
        var testDescription: String { "\(stages) to \(to) of \(before)" }
    }

    static let stagings = [
        Staging(
            before: [["AWSCURRENT"], []], stages: ["AWSCURRENT"], to: "b", after: [["AWSPREVIOUS"], ["AWSCURRENT"]]),
        Staging(
            before: [["AWSCURRENT"], []], stages: ["AWSPENDING"], to: "b", after: [["AWSCURRENT"], ["AWSPENDING"]]),
        Staging(before: [["AWSCURRENT"]], stages: ["AWSCURRENT"], to: "a", after: [["AWSCURRENT"]]),
        Staging(
            before: [["AWSPREVIOUS"], ["AWSCURRENT"], []], stages: ["AWSCURRENT"], to: "c",
            after: [[], ["AWSPREVIOUS"], ["AWSCURRENT"]]),
        Staging(
            before: [["AWSPREVIOUS"], ["AWSCURRENT"], []], stages: ["AWSCURRENT"], to: "a",
            after: [["AWSCURRENT"], ["AWSPREVIOUS"], []]),
        Staging(
            before: [["AWSPREVIOUS"], ["AWSCURRENT", "AWSPENDING"], []], stages: ["AWSCURRENT"], to: "c",
            after: [[], ["AWSPREVIOUS"], ["AWSCURRENT"]]),
        Staging(
            before: [["AWSCURRENT"], ["one", "two"], []], stages: ["two", "three"], to: "c",
            after: [["AWSCURRENT"], ["one"], ["three", "two"]]),
    ]

    @Test(arguments: stagings) func stagingLabelsMove(_ staging: Staging) {
        var versions = zip(["a", "b", "c"], staging.before).map {
            SecretVersion(id: $0, createdAt: Timestamp(milliseconds: 0), stages: $1)
        }
        versions.attach(staging.stages, to: staging.to)
        #expect(versions.map { Set($0.stages) } == staging.after.map(Set.init))
    }

    @Test func aHundredDeprecatedVersionsAreKept() {
        var versions = (0..<130).map { SecretVersion(id: "\($0)", createdAt: Timestamp(milliseconds: Int64($0))) }
        versions[3].stages = ["kept"]
        #expect(versions.superfluous.count == 29)
        #expect(versions.superfluous.first == "0" && !versions.superfluous.contains("3"))
    }

    // MARK: Filters

    struct Filter: Sendable, CustomTestStringConvertible {
        var key: String
        var values: [String]
        var matches: Bool
        var testDescription: String { "\(key) \(values)" }
    }

    /// Of a secret `shop/Database` with the description `the first secret` and a tag `team` = `blue`.
    static let filters = [
        Filter(key: "name", values: ["shop"], matches: true), Filter(key: "name", values: ["Shop"], matches: false),
        Filter(key: "name", values: ["!shop"], matches: false),
        Filter(key: "name", values: ["a", "shop/"], matches: true),
        Filter(key: "description", values: ["first"], matches: true),
        Filter(key: "description", values: ["sec the"], matches: true),
        Filter(key: "description", values: ["irst"], matches: false),
        Filter(key: "description", values: ["!fourth"], matches: true),
        Filter(key: "tag-key", values: ["te"], matches: true),
        Filter(key: "tag-value", values: ["red"], matches: false),
        Filter(key: "all", values: ["DATABASE"], matches: true), Filter(key: "all", values: ["blue"], matches: true),
        Filter(key: "all", values: ["green"], matches: false),
        Filter(key: "primary-region", values: ["eu"], matches: true),
    ]

    @Test(arguments: filters) func filtersMatch(_ filter: Filter) {
        var secret = Secret(
            "shop/Database", Scope(account: "111111111111", region: "eu-west-1"), suffix: "abcdef",
            at: Timestamp(milliseconds: 0))
        secret.description = "the first secret"
        let tested = SecretFilter(
            SecretsManager.Filter {
                $0.key = SecretsManager.FilterNameStringType(rawValue: filter.key)
                $0.values = filter.values
            })
        #expect(tested.matches(secret, [("team", "blue")]) == filter.matches)
    }

    // MARK: Rotation

    @Test(arguments: [
        (#"{"AutomaticallyAfterDays": 30}"#, Int64(30 * 86_400_000)),
        (#"{"ScheduleExpression": "rate(4 hours)"}"#, 14_400_000),
        (#"{"ScheduleExpression": "cron(0 16 1 * ? *)"}"#, 57_600_000), ("{}", nil),
    ]) func rotationsFollowTheirRules(_ rules: String, _ milliseconds: Int64?) throws {
        var rotation = SecretRotation(function: "f")
        rotation.rules = try JSON(parsing: Array(rules.utf8)).objectValue ?? [:]
        let start = CivilTime(year: 2026, month: 11, day: 1).timestamp
        #expect(rotation.next(after: start)?.milliseconds(since: start) == milliseconds)
        let kept = try #require(SecretRotation(json: rotation.json))
        #expect(kept.rules == rotation.rules && kept.isEnabled && kept.function == "f")
    }
}
