import Core

/// Functions on strings, whose characters are Unicode scalars.
enum StringFunctions {
    @Sendable static func string(_ call: Call) throws(JSONataError) -> Value {
        var pretty = false
        if case .json(.bool(true)) = call[1] { pretty = true }
        return try Stringifier.text(of: call[0], pretty: pretty, call.run).map { Value($0) } ?? .undefined
    }

    @Sendable static func substring(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        let scalars = ScalarText(text)
        let count = scalars.count
        var start = Int(clamping: call.number(1) ?? 0)
        if count + start < 0 { start = 0 }
        guard let number = call.number(2) else { return .json(.string(scalars.slice(start, nil))) }
        guard number > 0 else { return .json(.string("")) }
        let length = Int(clamping: number)
        let end = start >= 0 ? start + length : count + start + length
        return .json(.string(scalars.slice(start, end)))
    }

    @Sendable static func substringBefore(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), let mark = call.string(1) else { return call[0] }
        guard let found = ByteSearch.first(mark, in: text, from: 0) else { return call[0] }
        return .json(.string(String(decoding: text.utf8.prefix(found), as: UTF8.self)))
    }

    @Sendable static func substringAfter(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), let mark = call.string(1) else { return call[0] }
        guard let found = ByteSearch.first(mark, in: text, from: 0) else { return call[0] }
        return .json(.string(String(decoding: text.utf8.dropFirst(found + mark.utf8.count), as: UTF8.self)))
    }

    @Sendable static func lowercase(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        return try call.result(text.lowercased())
    }

    @Sendable static func uppercase(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        return try call.result(text.uppercased())
    }

    @Sendable static func length(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        return Value(ScalarText(text).count)
    }

    /// Blanks inside become single spaces, those at the ends go.
    @Sendable static func trim(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var isPending = false
        for byte in text.utf8 {
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                isPending = !bytes.isEmpty
            } else {
                if isPending { bytes.append(0x20) }
                isPending = false
                bytes.append(byte)
            }
        }
        return try call.result(String(decoding: bytes, as: UTF8.self))
    }

    @Sendable static func pad(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0), let number = call.number(1) else { return call[0] }
        let width = Int(clamping: number)
        let missing = width.magnitude - UInt(min(ScalarText(text).count, Int(width.magnitude)))
        guard missing > 0 else { return call[0] }
        var filler = call.string(2) ?? " "
        if filler.isEmpty { filler = " " }
        let fillerScalars = ScalarText(filler)
        let rounds = Int(missing) / fillerScalars.count
        try call.run.checkString(bytes: text.utf8.count + (rounds + 1) * filler.utf8.count)
        var padding = String(repeating: filler, count: rounds)
        padding += fillerScalars.slice(0, Int(missing) % fillerScalars.count)
        return .json(.string(width > 0 ? text + padding : padding + text))
    }

    @Sendable static func join(_ call: Call) throws(JSONataError) -> Value {
        guard let parts = call.elements(0) else { return .undefined }
        let separator = call.string(1) ?? ""
        var bytes = 0
        for part in parts { bytes += (part.stringValue?.utf8.count ?? 0) + separator.utf8.count }
        try call.run.spend(parts.count)
        try call.run.checkString(bytes: bytes)
        var joined = ""
        joined.reserveCapacity(bytes)
        for (index, part) in parts.enumerated() {
            if index > 0 { joined += separator }
            if case .string(let text) = part { joined += text }
        }
        return .json(.string(joined))
    }
}
