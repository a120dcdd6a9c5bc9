import Core

extension DefinitionCompiler {
    static let anyPath = JSONPath(text: "$", root: .input, steps: [])

    /// `InputPath` and `OutputPath`.
    mutating func compilePathFilter(_ name: String, in object: JSONObject) -> PathFilter {
        guard language == .jsonPath, let value = object[name] else { return .whole }
        if case .null = value { return .discard }
        guard let text = string(name, in: object), !isPlaceholder(text) else { return .whole }
        do throws(PathSyntaxError) {
            let path = try JSONPath(parsing: text)
            return path.isRoot && path.root == .input ? .whole : .path(path)
        } catch {
            report("Value is not a valid JSONPath: \(error)", at: name)
            return .whole
        }
    }

    mutating func compileResultPath(in object: JSONObject) -> ResultPath {
        guard language == .jsonPath, let value = object["ResultPath"] else { return .replace }
        if case .null = value { return .discard }
        guard let text = string("ResultPath", in: object), !isPlaceholder(text) else { return .replace }
        guard let path = compileReferencePath(text, named: "ResultPath") else { return .replace }
        guard let place = ReferencePath(path) else {
            report("Value is not a Reference Path: it must start at the input", at: "ResultPath")
            return .replace
        }
        return place.steps.isEmpty ? .replace : .insert(place)
    }

    /// A path that can name one place only.
    ///
    /// - Parameter allowsContext: AWS lets only some fields start at the context object.
    mutating func compileReferencePath(_ text: String, named name: String, allowsContext: Bool = false) -> JSONPath? {
        guard text.utf8.first == UInt8(ascii: "$") else {
            report("Value is not a Reference Path: Reference path didn't start with '$'", at: name)
            return nil
        }
        do throws(PathSyntaxError) {
            let path = try JSONPath(parsing: text)
            guard path.steps.allSatisfy(\.isReference) else {
                report("Value is not a Reference Path: it may only have names and positions", at: name)
                return nil
            }
            guard allowsContext || path.root != .context else {
                report("Value is not a Reference Path", at: name)
                return nil
            }
            return path
        } catch {
            report("Value is not a Reference Path: \(error)", at: name)
            return nil
        }
    }

    /// The reference path in a field whose name ends with `Path`.
    mutating func compileFieldPath(_ name: String, in object: JSONObject, allowsContext: Bool = false) -> FieldPath? {
        guard let text = string(name, in: object) else { return nil }
        guard !isPlaceholder(text) else { return FieldPath(path: Self.anyPath, field: name) }
        return compileReferencePath(text, named: name, allowsContext: allowsContext).map {
            FieldPath(path: $0, field: name)
        }
    }

    /// `ErrorPath` and `CausePath`: a reference path or an intrinsic function.
    mutating func compilePathOrIntrinsic(_ name: String, in object: JSONObject) -> FieldValue<String>? {
        guard let text = string(name, in: object) else { return nil }
        guard text.hasUTF8Prefix("States.") else {
            return compileFieldPath(name, in: object, allowsContext: true).map(FieldValue.path)
        }
        do throws(PathSyntaxError) {
            return .intrinsic(IntrinsicField(call: try IntrinsicCall(parsing: text), field: name))
        } catch {
            report("The value for the field '\(name)' must be a valid intrinsic function call: \(error)", at: name)
            return nil
        }
    }
}

extension PathStep {
    var isReference: Bool {
        switch self {
        case .member, .index: true
        default: false
        }
    }
}

extension String {
    func hasUTF8Prefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }
}
