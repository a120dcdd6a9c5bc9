import Core

/// Functions that look for substrings or patterns: `$match`, `$contains`, `$replace`, `$split`.
enum MatchFunctions {
    @Sendable static func contains(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), !call[1].isUndefined else { return .undefined }
        if let token = call.string(1) { return Value(ByteSearch.first(token, in: text, from: 0) != nil) }
        guard let function = call.function(1) else { return .undefined }
        if let regex = function as? RegexFunction {
            return Value(try regex.regex.firstMatch(in: RegexSubject(text), from: 0, call.run) != nil)
        }
        var matches = Matches(of: function, in: text, call.run)
        return Value(try matches.next() != nil)
    }

    @Sendable static func match(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), let function = call.function(1) else { return .undefined }
        let limit = try limit(call, 2, code: "D3040")
        var matches = Matches(of: function, in: text, call.run)
        var results: [JSON] = []
        while Double(results.count) < limit, let match = try matches.next() {
            var object = JSONObject()
            object.appendUnchecked("match", .string(match.text))
            object.appendUnchecked("index", JSON(match.start))
            object.appendUnchecked("groups", .array(match.groups))
            results.append(.object(object))
            try call.run.spend(8)
        }
        return .array(results, .sequence)
    }

    @Sendable static func split(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        let limit = try limit(call, 2, code: "D3020")
        guard limit > 0 else { return .json(.array([])) }
        if let separator = call.string(1) {
            return .json(.array(try split(text, by: separator, Int(clamping: limit), call.run)))
        }
        guard let function = call.function(1) else { return .undefined }
        let subject = RegexSubject(text)
        var matches = Matches(of: function, in: text, subject: subject, call.run)
        var parts: [JSON] = []
        var start = 0
        var count = 0.0
        while count < limit, let match = try matches.next() {
            parts.append(.string(subject.text(clamped: start..<max(start, match.start))))
            start = match.end
            count += 1
        }
        if count < limit { parts.append(.string(subject.text(clamped: start..<subject.count))) }
        return .json(.array(parts))
    }

    private static func split(
        _ text: String, by separator: String, _ limit: Int, _ run: Evaluation
    ) throws(JSONataError) -> [JSON] {
        if separator.isEmpty {
            try run.spend(min(text.utf8.count, limit))
            return text.unicodeScalars.prefix(limit).map { .string(String($0)) }
        }
        let offsets = ByteSearch.all(separator, in: text, limit: limit)
        try run.spend(offsets.count + text.utf8.count >> 4)
        var parts: [JSON] = []
        parts.reserveCapacity(offsets.count + 1)
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for offset in offsets {
                let part = UnsafeBufferPointer(rebasing: bytes[start..<offset])
                parts.append(.string(String(decoding: part, as: UTF8.self)))
                start = offset + separator.utf8.count
            }
            if parts.count < limit { parts.append(.string(String(decoding: bytes[start...], as: UTF8.self))) }
        }
        return parts
    }

    @Sendable static func replace(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        let pattern = call.string(1)
        if let pattern, pattern.isEmpty { throw JSONataError(code: "D3010", value: .string(pattern), index: 2) }
        let limit = try limit(call, 3, code: "D3011")
        guard limit > 0 else { return call[0] }
        if let pattern {
            guard let replacement = call.string(2) else { throw JSONataError(code: "D3012", value: call[2].shown) }
            return try replace(text, pattern, replacement, Int(clamping: limit), call.run)
        }
        guard let function = call.function(1) else { return call[0] }
        if let regex = function as? RegexFunction, let template = call.string(2) {
            return try replace(call, RegexSubject(text), regex.regex, ReplacementTemplate(template), limit)
        }
        return try replace(call, text, function, limit)
    }

    /// The usual case, without values for the matches.
    private static func replace(
        _ call: Call, _ subject: RegexSubject, _ regex: Regex, _ template: ReplacementTemplate, _ limit: Double
    ) throws(JSONataError) -> Value {
        var result: [UInt8] = []
        var start = 0
        var count = 0.0
        while count < limit, count == 0 || start < subject.count,
            let match = try regex.firstMatch(in: subject, from: start, call.run)
        {
            if count > 0, match.range.isEmpty { throw JSONataError(code: "D1004", value: .string(regex.pattern)) }
            subject.append(start..<match.range.lowerBound, to: &result)
            template.expand(match, in: subject, into: &result)
            start = match.range.upperBound
            count += 1
            if result.count > call.run.stringLimit { try call.run.checkString(bytes: result.count) }
        }
        if count == 0 { return call[0] }
        subject.append(start..<subject.count, to: &result)
        return try call.result(String(decoding: result, as: UTF8.self))
    }

    private static func replace(
        _ text: String, _ pattern: String, _ replacement: String, _ limit: Int, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        let offsets = ByteSearch.all(pattern, in: text, limit: limit)
        guard !offsets.isEmpty else { return .json(.string(text)) }
        let size = text.utf8.count + offsets.count * (replacement.utf8.count - pattern.utf8.count)
        try run.spend(offsets.count + text.utf8.count >> 4)
        try run.checkString(bytes: size)
        var result: [UInt8] = []
        result.reserveCapacity(size)
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for offset in offsets {
                result += bytes[start..<offset]
                result += replacement.utf8
                start = offset + pattern.utf8.count
            }
            result += bytes[start...]
        }
        return .json(.string(String(decoding: result, as: UTF8.self)))
    }

    private static func replace(
        _ call: Call, _ text: String, _ function: Function, _ limit: Double
    ) throws(JSONataError) -> Value {
        let subject = RegexSubject(text)
        var matches = Matches(of: function, in: text, subject: subject, call.run)
        var result = ""
        var start = 0
        var count = 0.0
        while count < limit, let match = try matches.next() {
            result += subject.text(clamped: start..<max(start, match.start))
            result += try replacement(for: match, call)
            start = match.start + match.text.utf16.count
            count += 1
            if result.utf8.count > call.run.stringLimit { try call.run.checkString(bytes: result.utf8.count) }
        }
        if count == 0 { return call[0] }
        result += subject.text(clamped: start..<subject.count)
        return try call.result(result)
    }

    private static func replacement(for match: Matches.Match, _ call: Call) throws(JSONataError) -> String {
        if let template = call.string(2) { return ReplacementTemplate(template).expand(match) }
        guard let function = call.function(2) else { throw JSONataError(code: "D3012", value: call[2].shown) }
        let value = try function.call([.json(match.object)], context: .json(.null), call.run)
        guard let text = value.string else { throw JSONataError(code: "D3012", value: value.shown) }
        return text
    }

    /// A limit on results; unlimited when it was not given.
    private static func limit(_ call: Call, _ index: Int, code: String) throws(JSONataError) -> Double {
        guard let limit = call.number(index) else { return .infinity }
        guard limit >= 0 else { throw JSONataError(code: code, value: call[index].shown, index: index + 1) }
        return limit
    }
}

extension RegexSubject {
    /// The text of a range that a matcher function of the expression may have made up.
    func text(clamped range: Range<Int>) -> String { text(range.clamped(to: 0..<count)) }
}
