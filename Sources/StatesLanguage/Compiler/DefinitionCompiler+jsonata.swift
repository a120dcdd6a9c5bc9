import Core
import JSONata

extension DefinitionCompiler {
    /// Whether a string is an expression: it starts with `{%` and ends with `%}`, with nothing around.
    static func isExpression(_ text: String) -> Bool {
        text.utf8.count >= 4 && text.utf8.starts(with: "{%".utf8) && text.utf8.suffix(2).elementsEqual("%}".utf8)
    }

    /// Compiles what stands between the markers, and checks what it refers to.
    mutating func compileExpression(_ text: String) -> JSONataField? {
        let inner = text.utf8.dropFirst(2).dropLast(2)
        let leading = inner.prefix { Self.isSpace($0) }.count
        let trailing = inner.reversed().prefix { Self.isSpace($0) }.count
        let source = String(Substring(inner.dropFirst(leading).dropLast(min(trailing, inner.count - leading))))
        do throws(JSONataError) {
            let compiled = try CompiledJSONata(source)
            checkReferences(compiled.references)
            return JSONataField(source: source, field: fieldText, expression: compiled)
        } catch {
            report(error.message, code: .invalidJSONataExpression)
            return nil
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// An expression has no input of its own: `$`, `$$` and bare names have nothing to refer to.
    private mutating func checkReferences(_ references: JSONataReferences) {
        guard !isTest else { return }
        var reported: Set<String> = []
        let bare = references.inputFields.map(\.name) + (references.inputReferences.isEmpty ? [] : ["$"])
        for name in bare where reported.insert(name).inserted {
            report("Reference to '\(name)' at the top level is not supported.", code: .unsupportedJSONataExpression)
        }
        if !references.rootReferences.isEmpty {
            report("Reference to '$$' is not supported.", code: .unsupportedJSONataExpression)
        }
        for path in references.statesPaths {
            guard let member = path.first, !seesStatesMember(member), reported.insert("states.\(member)").inserted
            else {
                continue
            }
            report("Reference to '$states.\(member)' is not supported.", code: .unsupportedJSONataExpression)
        }
    }

    /// The result is there for what a state makes of it, the error output for what a catcher makes of it.
    private func seesStatesMember(_ member: String) -> Bool {
        switch member {
        case "errorOutput": return field.first == .member("Catch")
        case "result": return field.first == .member("Output") || field.first == .member("Assign")
        default: return true
        }
    }

    // MARK: Fields that may hold an expression

    /// A whole number, written out or as an expression.
    mutating func compileInteger(
        _ name: String, in object: JSONObject, _ range: ClosedRange<Int64>
    ) -> FieldValue<Int64>? {
        if let expression = compileFieldExpression(name, in: object) { return expression.map(FieldValue.jsonata) }
        return integer(name, in: object, range).map(FieldValue.constant)
    }

    /// A number, written out or as an expression.
    mutating func compileNumber(
        _ name: String, in object: JSONObject, _ range: ClosedRange<Double>
    ) -> FieldValue<Double>? {
        if let expression = compileFieldExpression(name, in: object) { return expression.map(FieldValue.jsonata) }
        return number(name, in: object, range).map(FieldValue.constant)
    }

    /// A text, written out or as an expression.
    mutating func compileString(_ name: String, in object: JSONObject) -> FieldValue<String>? {
        if let expression = compileFieldExpression(name, in: object) { return expression.map(FieldValue.jsonata) }
        guard let text = string(name, in: object) else { return nil }
        warnOfPath(text, at: name)
        return .constant(text)
    }

    /// Nil when the field holds no expression; within it nil when the expression is wrong.
    mutating func compileFieldExpression(_ name: String, in object: JSONObject) -> JSONataField?? {
        guard language == .jsonata, case .string(let text)? = object[name], Self.isExpression(text) else { return nil }
        return .some(withinField(.member(name)) { $0.compileExpression(text) })
    }

    mutating func warnOfPath(_ text: String, at name: String) {
        guard language == .jsonPath, Self.looksDynamic(text) else { return }
        report(
            "The field '\(name)' has a value that looks like a path, but its name does not end with 'Path'", at: name,
            code: .noPath)
    }
}
