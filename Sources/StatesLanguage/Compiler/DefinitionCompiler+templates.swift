import Core

extension DefinitionCompiler {
    /// Compiles a template field of a state.
    mutating func compileTemplate(_ name: String, in object: JSONObject) -> Template? {
        guard let value = object[name] else { return nil }
        return withinField(.member(name)) { $0.compileTemplate(value) }
    }

    mutating func compileTemplate(_ value: JSON, depth: Int = 0) -> Template {
        guard depth <= Self.maximumDepth else {
            report("The value is nested deeper than \(Self.maximumDepth) levels", code: .tooDeeplyNested)
            return .constant(.null)
        }
        switch value {
        case .string(let text): return compileText(text)
        case .array(let elements): return compileArray(elements, depth: depth)
        case .object(let object): return compileObject(object, depth: depth)
        default: return .constant(value)
        }
    }

    private mutating func compileText(_ text: String) -> Template {
        guard language == .jsonata, Self.isExpression(text) else { return .constant(.string(text)) }
        return compileExpression(text).map(Template.jsonata) ?? .constant(.null)
    }

    private mutating func compileArray(_ elements: [JSON], depth: Int) -> Template {
        let compiled = elements.enumerated().map { index, element in
            withinField(.index(index)) { $0.compileTemplate(element, depth: depth + 1) }
        }
        return compiled.allSatisfy(\.isConstant) ? .constant(.array(elements)) : .array(compiled)
    }

    private mutating func compileObject(_ object: JSONObject, depth: Int) -> Template {
        var members: [TemplateMember] = []
        members.reserveCapacity(object.count)
        var isConstant = true
        for (key, value) in object {
            let member = compileMember(key, value, depth: depth)
            if !member.value.isConstant || member.name != key { isConstant = false }
            members.append(member)
        }
        return isConstant ? .constant(.object(object)) : .object(members)
    }

    private mutating func compileMember(_ key: String, _ value: JSON, depth: Int) -> TemplateMember {
        if language == .jsonPath, Self.isDynamic(key) {
            return TemplateMember(name: String(key.dropLast(2)), value: compileDynamic(key, value))
        }
        let compiled = withinField(.member(key)) { compiler in
            if compiler.language == .jsonPath, case .string(let text) = value, Self.looksDynamic(text) {
                compiler.report(
                    "The field '\(key)' has a value that looks like a JSONPath or an intrinsic function, but its name "
                        + "does not end with '.$'", code: .noDollar)
            }
            return compiler.compileTemplate(value, depth: depth + 1)
        }
        return TemplateMember(name: key, value: compiled)
    }

    static func isDynamic(_ key: String) -> Bool { key.utf8.count > 2 && key.utf8.suffix(2).elementsEqual(".$".utf8) }

    /// Whether a text would be a path or an intrinsic call, were it where one may stand.
    static func looksDynamic(_ text: String) -> Bool {
        text.hasUTF8Prefix("$.") || text.hasUTF8Prefix("$$.") || text.hasUTF8Prefix("$[")
            || text.hasUTF8Prefix("States.") && (try? IntrinsicCall(parsing: text)) != nil
    }

    /// The value of a member whose name ends with `.$`.
    private mutating func compileDynamic(_ key: String, _ value: JSON) -> Template {
        guard case .string(let text) = value else {
            report(
                "The value for the field '\(key)' must be a STRING that contains a JSONPath but was a "
                    + value.typeName.uppercased())
            return .constant(.null)
        }
        if isPlaceholder(text) { return .path(FieldPath(path: Self.anyPath, field: key)) }
        if text.hasUTF8Prefix("$"), let path = try? JSONPath(parsing: text) {
            return .path(FieldPath(path: path, field: key))
        }
        if let call = try? IntrinsicCall(parsing: text) { return .intrinsic(IntrinsicField(call: call, field: key)) }
        report("The value for the field '\(key)' must be a valid JSONPath or a valid intrinsic function call")
        return .constant(.null)
    }

    // MARK: Assign

    /// Nil when there is no such field.
    mutating func compileAssign(in object: JSONObject) -> [Assignment]? {
        guard let assign = self.object("Assign", in: object) else { return nil }
        return withinField(.member("Assign")) { compiler in
            assign.map { key, value in
                let member = compiler.compileMember(key, value, depth: 0)
                compiler.checkVariable(member.name, at: key)
                return Assignment(variable: member.name, value: member.value)
            }
        }
    }

    private mutating func checkVariable(_ name: String, at key: String) {
        guard !name.isEmpty, name.unicodeScalars.count <= Self.maximumNameLength else {
            report("A variable name must have between 1 and \(Self.maximumNameLength) characters", at: key)
            return
        }
        guard name != "states" else {
            report("The variable name 'states' is reserved", at: key)
            return
        }
        let isValid = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            index == 0
                ? scalar.properties.isIDStart || scalar == "_" : scalar.properties.isIDContinue || scalar == "_"
        }
        if !isValid {
            report(
                "The variable name '\(name)' may only have letters, digits and '_', and must not start with a digit",
                at: key)
        }
    }
}

extension Template {
    var isConstant: Bool { if case .constant = self { true } else { false } }
}
