import Core

extension Parser {
    /// The expression that an operator behind `left` continues; the operator has been passed.
    mutating func continuation(of left: Syntax, _ symbol: Symbol, at position: Int) throws(JSONataError) -> Syntax {
        switch symbol {
        case .dot: return Syntax(.step(left, try expression(75)), at: position)
        case .openBracket: return try filter(left, at: position)
        case .openBrace: return Syntax(.grouping(left, try pairs()), at: position)
        case .openParenthesis: return try call(left, at: position)
        case .caret: return Syntax(.ordering(left, try orderTerms()), at: position)
        case .at: return Syntax(.focusBinding(left, try boundName(symbol)), at: position)
        case .hash: return Syntax(.indexBinding(left, try boundName(symbol)), at: position)
        case .bind: return try binding(left, at: position)
        case .question: return try condition(left, at: position)
        case .elvis: return Syntax(.elvis(left, try expression(0)), at: position)
        case .coalesce: return Syntax(.coalesce(left, try expression(0)), at: position)
        case .apply: return Syntax(.application(left, try expression(40)), at: position)
        default: return Syntax(.binary(symbol, left, try expression(symbol.bindingPower)), at: position)
        }
    }

    private mutating func filter(_ left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        if token.isSymbol(.closeBracket) {
            // An empty predicate keeps single values in arrays; it belongs to the step before all predicates.
            var step = left
            while case .filter(let inner, _) = step.kind { step = inner }
            step.keepsArray = true
            try advance(afterOperand: true)
            return left
        }
        let predicate = try expression(0)
        try expect(.closeBracket, endsOperand: true)
        return Syntax(.filter(left, predicate), at: position)
    }

    private mutating func orderTerms() throws(JSONataError) -> [Syntax.Term] {
        try expect(.openParenthesis)
        var terms: [Syntax.Term] = []
        repeat {
            var isDescending = false
            if try !take(.less) { isDescending = try take(.greater) }
            terms.append(Syntax.Term(isDescending: isDescending, expression: try expression(0)))
        } while try take(.comma)
        try expect(.closeParenthesis, endsOperand: true)
        return terms
    }

    private mutating func boundName(_ symbol: Symbol) throws(JSONataError) -> String {
        let target = try expression(80)
        guard case .variable(let name) = target.kind else {
            throw JSONataError(code: "S0214", position: target.position, token: symbol.rawValue)
        }
        return name
    }

    private mutating func binding(_ left: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        guard case .variable(let name) = left.kind else {
            throw JSONataError(code: "S0212", position: left.position, token: left.sourceText)
        }
        // One less than its own power: `:=` groups to the right.
        return Syntax(.binding(name, try expression(9)), at: position)
    }

    private mutating func condition(_ test: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        let then = try expression(0)
        let otherwise = try take(.colon) ? try expression(0) : nil
        return Syntax(.condition(test, then: then, otherwise: otherwise), at: position)
    }

    // MARK: Calls and functions

    private mutating func call(_ procedure: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        var arguments: [Syntax] = []
        var isPartial = false
        if !token.isSymbol(.closeParenthesis) {
            repeat {
                if token.isSymbol(.question) {
                    isPartial = true
                    arguments.append(Syntax(.placeholder, at: token.position))
                    try advance()
                } else {
                    arguments.append(try expression(0))
                }
            } while try take(.comma)
        }
        try expect(.closeParenthesis, endsOperand: true)
        if case .name(let name) = procedure.kind, name == "function" || name == "\u{03BB}" {
            return try lambda(arguments, at: position)
        }
        return Syntax(isPartial ? .partial(procedure, arguments) : .call(procedure, arguments), at: position)
    }

    private mutating func lambda(_ arguments: [Syntax], at position: Int) throws(JSONataError) -> Syntax {
        var parameters: [String] = []
        for (index, argument) in arguments.enumerated() {
            guard case .variable(let name) = argument.kind else {
                throw JSONataError(
                    code: "S0208", position: argument.position, token: argument.sourceText, value: JSON(index + 1))
            }
            parameters.append(name)
        }
        let signature = token.isSymbol(.less) ? try lambdaSignature() : nil
        try expect(.openBrace)
        let body = try expression(0)
        try expect(.closeBrace)
        return Syntax(.lambda(parameters: parameters, signature: signature, body: body), at: position)
    }

    /// The tokens between the angle brackets, put together again without blanks.
    private mutating func lambdaSignature() throws(JSONataError) -> Signature {
        let position = token.position
        var depth = 1
        var text = "<"
        while depth > 0, !token.isSymbol(.openBrace), !token.isEnd {
            try advance()
            if token.isSymbol(.greater) { depth -= 1 }
            if token.isSymbol(.less) { depth += 1 }
            text += token.text
        }
        try expect(.greater)
        return try Signature(text, position: position)
    }
}

extension Syntax {
    /// The word that messages show for a node that stands where another was due.
    var sourceText: String {
        switch kind {
        case .name(let text), .variable(let text), .string(let text): text
        case .number(let value): NumberText.text(of: value)
        case .constant(let value): value.text()
        case .binary(let symbol, _, _), .word(let symbol): symbol.rawValue
        case .step: "."
        case .filter, .array: "["
        case .grouping, .object: "{"
        case .call, .partial, .lambda, .block: "("
        case .ordering: "^"
        case .wildcard: "*"
        case .descendant: "**"
        case .parent: "%"
        case .negation: "-"
        case .condition, .placeholder: "?"
        case .end: "(end)"
        default: kind.typeName
        }
    }
}
