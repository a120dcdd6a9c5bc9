extension PatternCompiler {
    /// Reads `{"operator": argument}`, from behind its opening brace to behind its closing one.
    mutating func readMatchExpression() throws(EventPatternError) -> ValueMatcher {
        guard try reader.next() == .fieldName else { throw reader.failure("Match expression name not found") }
        let name = reader.fieldName
        switch name {
        case "exactly": return .exact(Array(try readOnlyText(name).utf8))
        case "prefix", "suffix": return try readAffix(name)
        case "equals-ignore-case": return .equalsIgnoringCase(CaseVariants(try readOnlyText(name)))
        case "wildcard" where operators.wildcard: return try readWildcard()
        case "anything-but": return try readAnythingBut()
        case "numeric": return try readNumeric()
        case "exists": return try readExists()
        case "cidr": return try readAddressBlock()
        default: throw reader.failure("Unrecognized match type \(name)")
        }
    }

    /// The operator's argument, a string, and the end of the expression.
    private mutating func readOnlyText(_ name: String) throws(EventPatternError) -> String {
        guard try reader.next() == .string else {
            // The service names "exactly" by its older name.
            throw reader.failure("\(name == "exactly" ? "exact" : name) match pattern must be a string")
        }
        let text = try reader.text()
        try readEndOfExpression()
        return text
    }

    private mutating func readEndOfExpression() throws(EventPatternError) {
        guard try reader.next() == .endObject else {
            throw reader.failure("Only one key allowed in match expression")
        }
    }

    // MARK: Strings

    private mutating func readAffix(_ name: String) throws(EventPatternError) -> ValueMatcher {
        let token = try reader.next()
        if token == .startObject, operators.affixIgnoringCase { return try readAffixIgnoringCase(name) }
        guard token == .string else { throw reader.failure("\(name) match pattern must be a string") }
        let text = Array(try reader.text().utf8)
        try readEndOfExpression()
        return name == "prefix" ? .prefix(text) : .suffix(text)
    }

    private mutating func readAffixIgnoringCase(_ name: String) throws(EventPatternError) -> ValueMatcher {
        let title = name == "prefix" ? "Prefix" : "Suffix"
        guard try reader.next() == .fieldName else { throw reader.failure("\(title) expression name not found") }
        guard reader.fieldName == "equals-ignore-case" else {
            throw reader.failure("Unsupported \(name) pattern: \(reader.fieldName)")
        }
        guard try reader.next() == .string else {
            throw reader.failure("equals-ignore-case match pattern must be a string")
        }
        let variants = CaseVariants(try reader.text())
        try readEndOfExpression()
        try readEndOfExpression()
        return name == "prefix" ? .prefixIgnoringCase(variants) : .suffixIgnoringCase(variants)
    }

    private mutating func readWildcard() throws(EventPatternError) -> ValueMatcher {
        guard try reader.next() == .string else { throw reader.failure("wildcard match pattern must be a string") }
        let text = try reader.text()
        let expression = try parseWildcard(text)
        try readEndOfExpression()
        return .wildcard(expression)
    }

    private func parseWildcard(_ text: String) throws(EventPatternError) -> WildcardExpression {
        do throws(WildcardExpression.ParseError) {
            return try WildcardExpression(parsing: text)
        } catch {
            throw reader.failure(error.reason)
        }
    }

    // MARK: Anything but

    private mutating func readAnythingBut() throws(EventPatternError) -> ValueMatcher {
        var token = try reader.next()
        guard token == .startObject else {
            let excluded = try readExcludedValues(token)
            guard try reader.next() == .endObject else {
                throw reader.failure("Too many elements in numeric expression")
            }
            return .anythingBut(excluded)
        }
        guard try reader.next() == .fieldName else { throw reader.failure("Anything-But expression name not found") }
        let inner = reader.fieldName
        guard operators.anythingBut.contains(inner) else {
            throw reader.failure("Unsupported anything-but pattern: \(inner)")
        }
        token = try reader.next()
        try checkAnythingButArgument(token, inner)
        let texts = try readExcludedTexts(token, inner)
        for _ in 0..<2 {
            guard try reader.next() == .endObject else {
                throw reader.failure("Too many elements in numeric expression")
            }
        }
        return .anythingBut(try excluded(texts, inner))
    }

    private func checkAnythingButArgument(_ token: PatternToken?, _ inner: String?) throws(EventPatternError) {
        if token == .startArray || token == .string || token?.isNumeric == true { return }
        // Reading the text itself finds the better words for these.
        if inner != nil, operators.anythingBut == ["prefix"] { return }
        throw reader.failure("Value of anything-but must be an array or single string/number value.")
    }

    private mutating func readExcludedValues(_ token: PatternToken?) throws(EventPatternError) -> AnythingBut {
        try checkAnythingButArgument(token, nil)
        var strings: Set<[UInt8]> = []
        var numbers: Set<ComparableNumber> = []
        if token == .startArray {
            while true {
                let element = try reader.next()
                if element == .endArray { break }
                guard element == .string || element?.isNumeric == true else {
                    throw twice(reader.failure("Inside anything but list, start|null|boolean is not supported."))
                }
                try readExcludedValue(element, &strings, &numbers, inList: true)
            }
        } else {
            try readExcludedValue(token, &strings, &numbers, inList: false)
        }
        guard strings.isEmpty != numbers.isEmpty else {
            throw reader.failure(
                "Inside anything but list, either all values are number or string, mixed type is not supported")
        }
        return numbers.isEmpty ? .strings(strings) : .numbers(numbers)
    }

    private mutating func readExcludedValue(
        _ token: PatternToken?, _ strings: inout Set<[UInt8]>, _ numbers: inout Set<ComparableNumber>, inList: Bool
    ) throws(EventPatternError) {
        let text = try reader.text()
        if token == .string {
            strings.insert(Array(text.utf8))
            return
        }
        guard let number = ComparableNumber(parsing: text) else {
            let reason = "Cannot compare number : \(text)"
            throw inList ? reader.failure(reason) : EventPatternError(reason: reason)
        }
        numbers.insert(number)
    }

    private mutating func readExcludedTexts(
        _ token: PatternToken?, _ inner: String
    ) throws(EventPatternError) -> [String] {
        guard token == .startArray else { return [try readExcludedText(token, inner)] }
        if operators.anythingBut == ["prefix"] { throw reader.failure("prefix match pattern must be a string") }
        var texts: [String] = []
        while true {
            let element = try reader.next()
            if element == .endArray { return texts }
            do throws(EventPatternError) {
                texts.append(try readExcludedText(element, inner))
            } catch {
                throw twice(error)
            }
        }
    }

    private mutating func readExcludedText(
        _ token: PatternToken?, _ inner: String
    ) throws(EventPatternError) -> String {
        guard token == .string else {
            // Services whose `anything-but` knows only `prefix` say so.
            if operators.anythingBut == ["prefix"] { throw reader.failure("prefix match pattern must be a string") }
            switch inner {
            case "equals-ignore-case":
                throw reader.failure(
                    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.")
            case "wildcard": throw reader.failure("wildcard match pattern must be a string")
            default: throw reader.failure("prefix/suffix match pattern must be a string")
            }
        }
        let text = try reader.text()
        if inner == "prefix" || inner == "suffix", text.isEmpty {
            throw reader.failure("Null prefix/suffix not allowed")
        }
        return text
    }

    private func excluded(_ texts: [String], _ inner: String) throws(EventPatternError) -> AnythingBut {
        switch inner {
        case "prefix": return .prefixes(Set(texts.map { Array($0.utf8) }))
        case "suffix": return .suffixes(Set(texts.map { Array($0.utf8) }))
        case "equals-ignore-case": return .ignoringCase(Set(texts.map(CaseVariants.init)))
        default:
            var expressions: Set<WildcardExpression> = []
            for text in texts { expressions.insert(try parseWildcard(text)) }
            return .wildcards(expressions)
        }
    }

    /// Inside lists the service wraps its own refusal in a second one, so that the place stands there twice.
    private func twice(_ error: EventPatternError) -> EventPatternError {
        var wrapped = error
        wrapped.location += error.location
        return wrapped
    }

    // MARK: Existence and addresses

    private mutating func readExists() throws(EventPatternError) -> ValueMatcher {
        let token = try reader.next()
        guard token == .true || token == .false else {
            throw reader.failure("exists match pattern must be either true or false.")
        }
        try readEndOfExpression()
        return token == .true ? .exists : .absent
    }

    private mutating func readAddressBlock() throws(EventPatternError) -> ValueMatcher {
        guard try reader.next() == .string else {
            // The service's own words: it speaks of a prefix.
            throw reader.failure("prefix match pattern must be a string")
        }
        let block: AddressBlock
        do throws(AddressBlockError) {
            block = try AddressBlock(parsing: try textOfString())
        } catch {
            throw EventPatternError(reason: error.reason)
        }
        try readEndOfExpression()
        return .address(block)
    }

    private mutating func textOfString() throws(AddressBlockError) -> String {
        do throws(EventPatternError) {
            return try reader.text()
        } catch {
            throw AddressBlockError(reason: error.message)
        }
    }
}
