import Core

/// The matches of a pattern one after the other. The pattern is a regular expression, or a function of the expression
/// that answers as one: `{match, start, end, groups, next}`.
struct Matches {
    struct Match {
        var text: String
        var start: Int
        var end: Int
        /// Strings, or null for groups that took no part.
        var groups: [JSON]

        /// The match as a replacement function sees it.
        var object: JSON {
            [
                "match": .string(text), "start": JSON(start), "end": JSON(end), "groups": .array(groups),
            ]
        }
    }

    private enum Source {
        case regex(Regex, RegexSubject, from: Int)
        case function(Function, [Value])
        case exhausted
    }

    private var source: Source
    private let run: Evaluation
    private var isFirst = true

    init(of function: Function, in text: String, subject: RegexSubject? = nil, _ run: Evaluation) {
        self.run = run
        if let regex = function as? RegexFunction {
            source = .regex(regex.regex, subject ?? RegexSubject(text), from: 0)
        } else {
            source = .function(function, [Value(text)])
        }
    }

    mutating func next() throws(JSONataError) -> Match? {
        switch source {
        case .exhausted: return nil
        case .regex(let regex, let subject, let start): return try next(regex, subject, start)
        case .function(let function, let arguments): return try next(function, arguments)
        }
    }

    private mutating func next(_ regex: Regex, _ subject: RegexSubject, _ start: Int) throws(JSONataError) -> Match? {
        defer { isFirst = false }
        guard isFirst || start < subject.count, let found = try regex.firstMatch(in: subject, from: start, run) else {
            source = .exhausted
            return nil
        }
        // A pattern that matches nothing would match for ever.
        if !isFirst, found.range.isEmpty { throw JSONataError(code: "D1004", value: .string(regex.pattern)) }
        source = .regex(regex, subject, from: found.range.upperBound)
        return RegexFunction.match(found, in: subject)
    }

    private mutating func next(_ function: Function, _ arguments: [Value]) throws(JSONataError) -> Match? {
        try run.spend(4)
        let value = try function.call(arguments, context: .json(.null), run)
        source = .exhausted
        if !Truth.isTruthy(value) { return nil }
        let object = value.object ?? JSONObject()
        let next = object["next"].map { run.value(of: $0) }
        let start = object["start"]?.doubleValue
        let groups = object["groups"]?.arrayValue
        guard start != nil || object["end"]?.isNumber ?? false || groups != nil || next?.isFunction ?? false else {
            throw JSONataError(code: "T1010")
        }
        if case .function(let function) = next { source = .function(function, []) }
        let from = Int(clamping: start ?? 0)
        let text = object["match"]?.stringValue ?? ""
        return Match(
            text: text, start: max(0, from), end: max(0, Int(clamping: object["end"]?.doubleValue ?? 0)),
            groups: groups ?? [])
    }
}

/// A regular expression as a function: it answers with its first match, which leads to the next.
final class RegexFunction: Function {
    let regex: Regex

    init(_ regex: Regex) {
        self.regex = regex
        super.init(arity: 2, closureDepth: 0)
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        guard let text = arguments.first?.string else { return .undefined }
        var start = 0
        if arguments.count > 1 { start = max(0, Int(clamping: arguments[1].number ?? 0)) }
        return try answer(RegexSubject(text), from: start, isFirst: true, run)
    }

    fileprivate func answer(
        _ subject: RegexSubject, from start: Int, isFirst: Bool, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        guard start <= subject.count, let found = try regex.firstMatch(in: subject, from: start, run) else {
            return .undefined
        }
        if !isFirst, found.range.isEmpty { throw JSONataError(code: "D1004", value: .string(regex.pattern)) }
        var object = Self.match(found, in: subject).object
        object["next"] = try run.keep(NextMatch(self, subject, from: found.range.upperBound))
        return .json(object)
    }

    static func match(_ found: Regex.Match, in subject: RegexSubject) -> Matches.Match {
        Matches.Match(
            text: subject.text(found.range), start: found.range.lowerBound, end: found.range.upperBound,
            groups: found.groups.map { $0.map { .string(subject.text($0)) } ?? .null })
    }
}

/// `next` of a match.
private final class NextMatch: Function {
    private let regex: RegexFunction
    private let subject: RegexSubject
    private let start: Int

    init(_ regex: RegexFunction, _ subject: RegexSubject, from start: Int) {
        self.regex = regex
        self.subject = subject
        self.start = start
        super.init(arity: 0, closureDepth: 0)
    }

    override func call(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        guard start < subject.count else { return .undefined }
        return try regex.answer(subject, from: start, isFirst: false, run)
    }
}
