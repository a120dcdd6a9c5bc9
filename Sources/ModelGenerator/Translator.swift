import Core

/// From a model as botocore has it to a description: selects operations, follows them to the shapes they reach.
struct Translator {
    let model: JSON
    let selection: Selection
    private let shapes: JSONObject
    private var reached: Set<String> = []
    /// Shapes that are only errors have no Swift type.
    private var typed: Set<String> = []

    static func translate(_ model: JSON, _ selection: Selection) throws -> ServiceDescription {
        var translator = try Translator(model, selection)
        return try translator.description()
    }

    private init(_ model: JSON, _ selection: Selection) throws {
        self.model = model
        self.selection = selection
        guard let shapes = model["shapes"]?.objectValue else { throw Problem("\(selection.service): no shapes") }
        self.shapes = shapes
    }

    private mutating func description() throws -> ServiceDescription {
        guard let all = model["operations"]?.objectValue else { throw Problem("\(selection.service): no operations") }
        let names = selection.operations ?? all.keys.sorted()
        for name in names where all[name] == nil { throw Problem("\(selection.service) has no operation '\(name)'") }
        var errors: Set<String> = []
        for name in names {
            guard let operation = all[name] else { continue }
            for side in selection.isAnswersOnly ? ["output"] : ["input", "output"] {
                if let shape = operation[side]?["shape"]?.stringValue { reach(shape, typed: true) }
            }
            for error in selection.isAnswersOnly ? [] : operation["errors"]?.arrayValue ?? [] {
                guard let shape = error["shape"]?.stringValue else { continue }
                errors.insert(shape)
                reach(shape, typed: false)
            }
        }
        let rest = selection.isAnswersOnly ? [] : all.keys.sorted().filter { !names.contains($0) }
        let operations =
            names.map { operation($0, all[$0] ?? .null, isSupported: true) }
            + rest.map { operation($0, all[$0] ?? .null, isSupported: false) }
        return ServiceDescription(
            name: selection.name, id: selection.service, isAnswersOnly: selection.isAnswersOnly,
            traits: try serviceTraits(), operations: operations,
            shapes: try reached.sorted().enumerated().map { try shape($1, index: $0) },
            errors: errors.sorted().map { ErrorDescription(function: Names.lowerCamel($0), code: $0) })
    }

    private mutating func reach(_ name: String, typed isTyped: Bool) {
        let isNew = reached.insert(name).inserted
        let isNewlyTyped = isTyped && typed.insert(name).inserted
        guard isNew || isNewlyTyped, let shape = shapes[name] else { return }
        for (_, member) in shape["members"]?.objectValue ?? JSONObject() {
            if let target = member["shape"]?.stringValue { reach(target, typed: isTyped) }
        }
        for part in ["member", "key", "value"] {
            if let target = shape[part]?["shape"]?.stringValue { reach(target, typed: isTyped) }
        }
    }

    private func serviceTraits() throws -> [String] {
        guard let metadata = model["metadata"] else { throw Problem("\(selection.service): no metadata") }
        func text(_ key: String) -> String? { metadata[key]?.stringValue }
        let own = text("protocol") == "json" ? "json-\(text("jsonVersion") ?? "1.1")" : text("protocol") ?? ""
        let prefix = text("endpointPrefix") ?? selection.service
        var traits = [
            "title \(TableText.escape(text("serviceFullName") ?? selection.service))", "endpointPrefix \(prefix)",
            "signingName \(text("signingName") ?? prefix)", "apiVersion \(text("apiVersion") ?? "")",
            "protocols \((selection.protocols ?? [own]).joined(separator: " "))",
        ]
        if let target = text("targetPrefix") { traits.append("targetPrefix \(target)") }
        if let namespace = text("xmlNamespace") { traits.append("xmlNamespace \(namespace)") }
        if metadata["awsQueryCompatible"] != nil { traits.append("queryCompatible") }
        if let code = selection.validationCode { traits.append("validationCode \(code)") }
        if selection.writesMilliseconds { traits.append("milliseconds") }
        if selection.hidesValues { traits.append("hidesValues") }
        if selection.hasBareErrors { traits.append("bareErrors") }
        return traits
    }

    // MARK: Operations

    private func operation(_ name: String, _ json: JSON, isSupported: Bool) -> OperationDescription {
        let input = selection.isAnswersOnly ? nil : json["input"]?["shape"]?.stringValue
        let output = json["output"]?["shape"]?.stringValue
        let http = json["http"]
        var line = [
            isSupported ? "operation" : "unsupported", name, http?["method"]?.stringValue ?? "POST",
            TableText.escape(http?["requestUri"]?.stringValue ?? "/"),
            String(http?["responseCode"]?.intValue ?? 200),
        ]
        line += isSupported ? [input ?? "-", output ?? "-"] : ["-", "-"]
        if let wrapper = json["output"]?["resultWrapper"]?.stringValue { line.append("wrapper=\(wrapper)") }
        if let prefix = json["endpoint"]?["hostPrefix"]?.stringValue { line.append("hostPrefix=\(prefix)") }
        if json["authtype"]?.stringValue == "none" { line.append("anonymous") }
        if isSupported, let member = json["httpChecksum"]?["requestAlgorithmMember"]?.stringValue {
            line.append("checksum=\(member)")
        }
        if isSupported, let code = validationCode(of: json) { line.append("validationCode=\(code)") }
        if isSupported, let limit = json["bodyLimit"]?.intValue { line.append("bodyLimit=\(limit)") }
        if !isSupported, let name = successor(of: json) { line.append("as=\(name)") }
        return OperationDescription(
            name: name, line: line.joined(separator: " "), isSupported: isSupported,
            input: input.map(Names.type), output: output.map(Names.type))
    }

    /// The wanted operation that has taken the place of a deprecated one: method and address are the same.
    private func successor(of operation: JSON) -> String? {
        guard operation["deprecated"]?.boolValue == true, let all = model["operations"]?.objectValue else { return nil }
        let http = operation["http"]
        return (selection.operations ?? []).first { name in
            let other = all[name]?["http"]
            return other?["method"] == http?["method"] && other?["requestUri"] == http?["requestUri"]
        }
    }

    /// Newer operations of a service may word their objections as newer services do: their errors tell.
    private func validationCode(of operation: JSON) -> String? {
        guard let usual = selection.validationCode else { return nil }
        let errors = operation["errors"]?.arrayValue?.compactMap { $0["shape"]?.stringValue } ?? []
        return errors.contains("ValidationException") && !errors.contains(usual) ? "ValidationException" : nil
    }

    // MARK: Shapes

    private func shape(_ name: String, index: Int) throws -> ShapeDescription {
        guard let json = shapes[name], let type = json["type"]?.stringValue else {
            throw Problem("\(selection.service) has no shape '\(name)'")
        }
        let members = json["members"]?.objectValue ?? JSONObject()
        var lines = [TableText.shape(name, type, json)]
        let required = Set(json["required"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        for (member, trait) in members {
            lines.append(" " + TableText.member(member, trait, isRequired: required.contains(member)))
        }
        for part in ["member", "key", "value"] where type == "list" || type == "map" {
            if let trait = json[part] { lines.append(" " + TableText.member(part, trait, isRequired: false)) }
        }
        return ShapeDescription(name: name, lines: lines, index: index, swift: try swiftForm(name, json, required))
    }

    private func swiftForm(_ name: String, _ json: JSON, _ required: Set<String>) throws -> ShapeDescription.SwiftForm {
        guard typed.contains(name) else { return .none }
        if let values = json["enum"]?.arrayValue, json["type"]?.stringValue != "list" {
            return .enumeration(name: Names.type(name), cases: Names.cases(values.compactMap(\.stringValue)))
        }
        guard json["type"]?.stringValue == "structure" else { return .none }
        let members = json["members"]?.objectValue ?? JSONObject()
        return .structure(
            name: Names.type(name),
            members: try members.map { member, trait in
                MemberDescription(
                    name: Names.lowerCamel(member), type: try swiftType(trait), isRequired: required.contains(member))
            })
    }

    private func swiftType(_ member: JSON) throws -> String {
        guard let name = member["shape"]?.stringValue, let shape = shapes[name] else {
            throw Problem("\(selection.service): a member without a shape: \(member)")
        }
        if shape["enum"] != nil, shape["type"]?.stringValue != "list" { return Names.type(name) }
        switch shape["type"]?.stringValue {
        case "string", "character": return "String"
        case "boolean": return "Bool"
        case "integer", "long", "byte", "short": return "Int"
        case "float", "double": return "Double"
        case "timestamp": return "Timestamp"
        case "blob":
            let streams = shape["streaming"]?.boolValue ?? member["streaming"]?.boolValue ?? false
            return streams ? "ByteStream" : "Blob"
        case "list": return "[\(try swiftType(shape["member"] ?? .null))]"
        case "map": return "[String: \(try swiftType(shape["value"] ?? .null))]"
        case "structure":
            if shape["document"]?.boolValue == true { return "JSON" }
            return shape["eventstream"]?.boolValue == true ? "TypedEventStream<\(Names.type(name))>" : Names.type(name)
        case let other: throw Problem("\(selection.service): unknown type '\(other ?? "nil")' of '\(name)'")
        }
    }
}
