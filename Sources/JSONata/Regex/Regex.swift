import Core

/// A compiled regular expression in JavaScript's syntax.
final class Regex: Sendable {
    let pattern: String
    private let program: RegexCode

    /// - Parameters:
    ///   - flags: `i` ignores case, `m` lets `^` and `$` match at line ends.
    ///   - position: where the expression stands in the source.
    init(_ pattern: String, flags: String, position: Int) throws(JSONataError) {
        self.pattern = pattern
        do throws(RegexParser.Failure) {
            let ignoresCase = flags.contains("i")
            var parser = RegexParser(pattern, ignoresCase: ignoresCase)
            let tree = try parser.parse()
            let translated = try RegexProgram(
                tree, groupCount: parser.groupCount, names: parser.names, ignoresCase: ignoresCase,
                isMultiline: flags.contains("m"))
            program = RegexCode(translated)
        } catch {
            throw JSONataError(
                code: "S0303", text: "Invalid regular expression: /\(pattern)/: \(error.reason)", position: position,
                token: pattern)
        }
    }

    /// One match; positions count UTF-16 units.
    struct Match {
        var range: Range<Int>
        /// nil for groups that took no part.
        var groups: [Range<Int>?]
    }

    /// The first match from there on.
    func firstMatch(in subject: RegexSubject, from start: Int, _ run: Evaluation) throws(JSONataError) -> Match? {
        switch subject.units {
        case .ascii(let units): try firstMatch(units, start, run)
        case .utf16(let units): try firstMatch(units, start, run)
        }
    }

    private func firstMatch<Unit: FixedWidthInteger & UnsignedInteger>(
        _ units: [Unit], _ start: Int, _ run: Evaluation
    ) throws(JSONataError) -> Match? {
        // A matcher's step is cheaper than an evaluator's.
        let budget = run.steps < Int.max / 4 ? run.steps * 2 : Int.max / 2
        let outcome = units.withUnsafeBufferPointer { text -> Result<(Match?, Int), JSONataError> in
            do throws(JSONataError) {
                var matcher = RegexMatcher(program, text, steps: budget)
                var match: Match?
                if let range = try matcher.search(from: start) { match = Match(range: range, groups: groups(matcher)) }
                return .success((match, budget - matcher.stepsLeft))
            } catch {
                return .failure(error)
            }
        }
        let (match, used) = try outcome.get()
        try run.spend(used / 2)
        return match
    }

    private func groups<Unit>(_ matcher: borrowing RegexMatcher<Unit>) -> [Range<Int>?] {
        guard program.groupCount > 0 else { return [] }
        var groups: [Range<Int>?] = []
        groups.reserveCapacity(program.groupCount)
        for group in 1...program.groupCount {
            let start = matcher.register(2 * group)
            let end = matcher.register(2 * group + 1)
            groups.append(start >= 0 && end >= start ? start..<end : nil)
        }
        return groups
    }
}

/// A text laid out for matching: bytes when it is ASCII, UTF-16 otherwise.
struct RegexSubject {
    enum Units {
        case ascii([UInt8])
        case utf16([UInt16])
    }

    let units: Units

    init(_ text: String) {
        let bytes = Array(text.utf8)
        units = bytes.allSatisfy { $0 < 0x80 } ? .ascii(bytes) : .utf16(Array(text.utf16))
    }

    var count: Int {
        switch units {
        case .ascii(let units): units.count
        case .utf16(let units): units.count
        }
    }

    func text(_ range: Range<Int>) -> String {
        switch units {
        case .ascii(let units):
            units.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
        case .utf16(let units):
            units.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF16.self) }
        }
    }

    /// Adds a piece of the text to a string in the making.
    func append(_ range: Range<Int>, to result: inout [UInt8]) {
        switch units {
        case .ascii(let units): result += units[range]
        case .utf16(let units): result += String(decoding: units[range], as: UTF16.self).utf8
        }
    }
}
