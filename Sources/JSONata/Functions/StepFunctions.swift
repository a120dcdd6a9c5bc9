import Core

/// What AWS Step Functions adds to the language.
enum StepFunctions {
    static let functions = [
        Builtin("partition", "<a-n:a<a>>", partition),
        Builtin("range", "<nnn:a<n>>", range),
        Builtin("hash", "<s-s:s>", hash),
        Builtin("uuid", "<:s>", uuid),
        Builtin("parse", "<s-:x>", parse),
        Builtin("random", "<n?:n>", random),
    ]

    /// Pieces of at most that many elements.
    @Sendable private static func partition(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), let number = call.number(1) else { return .undefined }
        let size = Int(clamping: number)
        guard size > 0 else {
            throw JSONataError(
                code: "U1002", text: "The second argument of $partition must be a positive number",
                value: call[1].shown,
                index: 2)
        }
        try call.run.spend(elements.count * 2)
        let starts = stride(from: 0, to: elements.count, by: size)
        let parts = starts.map { JSON.array(Array(elements[$0..<min($0 + size, elements.count)])) }
        try call.run.sampleDepth { parts }
        return .json(.array(parts))
    }

    /// The numbers from the first up to and including the last, a step apart: a sequence, so that a single one stands
    /// alone.
    @Sendable private static func range(_ call: Call) throws(JSONataError) -> Value {
        guard let first = call.number(0), let last = call.number(1), let step = call.number(2) else {
            return .undefined
        }
        guard step != 0, first.isFinite, last.isFinite, step.isFinite else {
            throw JSONataError(
                code: "U1002", text: "The third argument of $range must be a number other than zero",
                value: call[2].shown, index: 3)
        }
        let steps = ((last - first) / step).rounded(.down)
        guard steps >= 0 else { return .json(.array([])) }
        guard steps < 10_000_000 else { throw JSONataError(code: "D2014", value: JSON(number: steps + 1)) }
        let count = Int(steps) + 1
        try call.run.checkLength(count)
        try call.run.spend(count)
        return .array((0..<count).map { JSON(number: first + Double($0) * step) }, .sequence)
    }

    /// The digest of the text's UTF-8, in lower-case hexadecimal digits.
    @Sendable private static func hash(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), let name = call.string(1) else { return .undefined }
        guard let algorithm = DigestAlgorithm(rawValue: name) else {
            let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONataError(
                code: "U1002", text: "The second argument of $hash must be one of \(known)", value: .string(name),
                index: 2)
        }
        try call.run.spend(text.utf8.count >> 3)
        return try call.result(hexadecimal(Digest.of(Array(text.utf8), algorithm)))
    }

    @Sendable private static func uuid(_ call: Call) throws(JSONataError) -> Value {
        Value(UUIDText.random(using: &call.run.random))
    }

    /// The value that a JSON text stands for.
    @Sendable private static func parse(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        try call.run.spend(text.utf8.count >> 2)
        do throws(JSONParseError) {
            return .json(try JSON(parsing: text))
        } catch {
            throw JSONataError(
                code: "U1002", text: "The argument of $parse is not JSON: \(error)", value: call[0].shown, index: 1)
        }
    }

    /// From 0 up to but not including 1; the same seed gives the same number.
    @Sendable private static func random(_ call: Call) throws(JSONataError) -> Value {
        guard let seed = call.number(0) else { return .json(.double(NumericFunctions.unit(&call.run.random))) }
        var seeded = SeededRandom(seed: seed.bitPattern)
        return .json(.double(NumericFunctions.unit(&seeded)))
    }
}
