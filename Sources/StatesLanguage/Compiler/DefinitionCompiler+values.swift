import Core

/// Reading values of a type from the members of an object. A member that is missing gives nil without a word; one of
/// another type gives nil and a finding.
extension DefinitionCompiler {
    /// Whether the text holds a placeholder such as `${FunctionArn}` that deployment will replace.
    func isPlaceholder(_ text: String) -> Bool { allowsPlaceholders && text.containsUTF8("${") }

    /// Templates of CloudFormation hold such values as objects too: `{"Fn::GetAtt": …}`.
    private func isPlaceholder(_ value: JSON) -> Bool {
        switch value {
        case .string(let text): return isPlaceholder(text)
        case .object(let object):
            guard allowsPlaceholders, object.count == 1, let name = object.first?.key else { return false }
            return name == "Ref" || name.hasUTF8Prefix("Fn::")
        default: return false
        }
    }

    mutating func string(_ name: String, in object: JSONObject) -> String? {
        guard let value = object[name] else { return nil }
        if isPlaceholder(value) { return value.stringValue ?? "${placeholder}" }
        guard case .string(let text) = value else {
            report("Expected value of type String", at: name)
            return nil
        }
        return text
    }

    mutating func object(_ name: String, in object: JSONObject) -> JSONObject? {
        guard let value = object[name] else { return nil }
        guard case .object(let found) = value else {
            report("Expected value of type Object", at: name)
            return nil
        }
        return found
    }

    mutating func array(_ name: String, in object: JSONObject) -> [JSON]? {
        guard let value = object[name] else { return nil }
        guard case .array(let found) = value else {
            report("Expected value of type Array", at: name)
            return nil
        }
        return found
    }

    mutating func boolean(_ name: String, in object: JSONObject) -> Bool? {
        guard let value = object[name] else { return nil }
        guard case .bool(let found) = value else {
            report("Expected value of type Boolean", at: name)
            return nil
        }
        return found
    }

    mutating func integer(_ name: String, in object: JSONObject, _ range: ClosedRange<Int64>) -> Int64? {
        guard let value = object[name] else { return nil }
        if isPlaceholder(value) { return range.lowerBound }
        guard let number = value.intValue, !isFraction(value) else {
            report("Expected value of type Integer", at: name)
            return nil
        }
        return checked(number, name, range) { String($0) }
    }

    mutating func number(_ name: String, in object: JSONObject, _ range: ClosedRange<Double>) -> Double? {
        guard let value = object[name] else { return nil }
        if isPlaceholder(value) { return range.lowerBound }
        guard let number = value.doubleValue else {
            report("Expected value of type Number", at: name)
            return nil
        }
        return checked(number, name, range) { $0.description }
    }

    private func isFraction(_ value: JSON) -> Bool { value.intValue == nil }

    private mutating func checked<Number: Comparable>(
        _ number: Number, _ name: String, _ range: ClosedRange<Number>, _ text: (Number) -> String
    ) -> Number? {
        if number < range.lowerBound {
            report("Minimum value is \(text(range.lowerBound))", at: name)
            return nil
        }
        if number > range.upperBound {
            report("Maximum value is \(text(range.upperBound))", at: name)
            return nil
        }
        return number
    }

    mutating func choice<Value>(
        _ name: String, in object: JSONObject, of type: Value.Type = Value.self
    ) -> Value? where Value: RawRepresentable<String> & CaseIterable {
        guard let text = string(name, in: object) else { return nil }
        if let value = Value(rawValue: text) { return value }
        if !isPlaceholder(text) {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            report("The field '\(name)' should have one of these values: [\(names)]", at: name)
        }
        return nil
    }

    // MARK: Which fields

    /// Reports the names that are missing in one finding, as AWS does.
    mutating func require(_ names: [String], in object: JSONObject) {
        let missing = names.filter { object[$0] == nil }
        if !missing.isEmpty { report("These fields are required: [\(missing.joined(separator: ", "))]") }
    }

    /// The one of these fields that is there; a finding when there are several, or none though one is required.
    mutating func one(of names: [String], in object: JSONObject, required: Bool = false) -> String? {
        let present = names.filter { object[$0] != nil }
        if present.count > 1 || (required && present.isEmpty) {
            report("There should only be one of the following fields: [\(names.joined(separator: ", "))]")
        }
        return present.first
    }

    /// Reports fields that are not known here, or not in this query language.
    mutating func checkFields(of object: JSONObject, allowed: FieldSet) {
        for (name, _) in object {
            guard let language = allowed.language(of: name) else {
                report("Field '\(name)' is not supported")
                continue
            }
            if let language, language != self.language {
                report(
                    "The QueryLanguage is set to '\(self.language.rawValue)', but field '\(name)' is only supported "
                        + "for the '\(language.rawValue)' QueryLanguage")
            }
        }
    }
}

/// The fields that an object may have, by query language.
struct FieldSet: Sendable {
    private let languages: NameTable<QueryLanguage?>

    init(_ both: [String], jsonPath: [String] = [], jsonata: [String] = []) {
        languages = NameTable(
            both.map { ($0, nil) } + jsonPath.map { ($0, .jsonPath) } + jsonata.map { ($0, .jsonata) })
    }

    /// Nil when there is no such field; within it nil when the field belongs to both languages.
    func language(of name: String) -> QueryLanguage?? { languages[name] }

    static let definition = FieldSet(["Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"])
    static let branch = FieldSet(["Comment", "StartAt", "States"])
    static let processor = FieldSet(["Comment", "StartAt", "States", "ProcessorConfig"])
    static let processorConfiguration = FieldSet(["Mode", "ExecutionType"])
    static let retrier = FieldSet([
        "Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy",
    ])
    static let catcher = FieldSet(
        ["Comment", "ErrorEquals", "Next", "Assign"], jsonPath: ["ResultPath"], jsonata: ["Output"])
    static let itemReader = FieldSet(["Resource", "ReaderConfig"], jsonPath: ["Parameters"], jsonata: ["Arguments"])
    static let readerConfiguration = FieldSet(
        [
            "InputType", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "MaxItems", "ItemsPointer", "ManifestType",
            "Transformation",
        ], jsonPath: ["MaxItemsPath"])
    static let itemBatcher = FieldSet(
        ["MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"],
        jsonPath: ["MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"])
    static let resultWriter = FieldSet(["Resource", "WriterConfig"], jsonPath: ["Parameters"], jsonata: ["Arguments"])
    static let writerConfiguration = FieldSet(["Transformation", "OutputType"])

    static func state(_ type: StateType) -> FieldSet {
        switch type {
        case .pass: pass
        case .task: task
        case .choice: choice
        case .wait: wait
        case .succeed: succeed
        case .fail: fail
        case .parallel: parallel
        case .map: map
        }
    }

    private static let common = ["Type", "Comment", "QueryLanguage"]
    private static let paths = ["InputPath", "OutputPath"]

    private static let pass = FieldSet(
        common + ["Next", "End", "Assign"], jsonPath: paths + ["Parameters", "Result", "ResultPath"],
        jsonata: ["Output"])
    private static let task = FieldSet(
        common + [
            "Next", "End", "Assign", "Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials", "Retry", "Catch",
        ],
        jsonPath: paths + ["Parameters", "ResultSelector", "ResultPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"],
        jsonata: ["Arguments", "Output"])
    private static let choice = FieldSet(
        common + ["Choices", "Default", "Assign"], jsonPath: paths, jsonata: ["Output"])
    private static let wait = FieldSet(
        common + ["Next", "End", "Assign", "Seconds", "Timestamp"],
        jsonPath: paths + ["SecondsPath", "TimestampPath"], jsonata: ["Output"])
    private static let succeed = FieldSet(common, jsonPath: paths, jsonata: ["Output"])
    private static let fail = FieldSet(common + ["Error", "Cause"], jsonPath: ["ErrorPath", "CausePath"])
    private static let parallel = FieldSet(
        common + ["Next", "End", "Assign", "Branches", "Retry", "Catch"],
        jsonPath: paths + ["Parameters", "ResultSelector", "ResultPath"], jsonata: ["Arguments", "Output"])
    private static let map = FieldSet(
        common + [
            "Next", "End", "Assign", "ItemProcessor", "Iterator", "ItemSelector", "MaxConcurrency", "ItemReader",
            "ItemBatcher", "ResultWriter", "ToleratedFailureCount", "ToleratedFailurePercentage", "Label", "Retry",
            "Catch",
        ],
        jsonPath: paths + [
            "Parameters", "ResultSelector", "ResultPath", "ItemsPath", "MaxConcurrencyPath",
            "ToleratedFailureCountPath", "ToleratedFailurePercentagePath",
        ], jsonata: ["Items", "Output"])
}
