/// A line of a model table that cannot be read.
public struct ModelTableError: Error, CustomStringConvertible, Sendable {
    public var line: Int
    public var reason: String

    public var description: String { "line \(line): \(reason)" }
}

/// Reads the text form of a service model.
///
/// One line a shape or operation, its members indented below it, traits separated by spaces:
///
///     service sts
///      title AWS%20Security%20Token%20Service
///     operation GetCallerIdentity POST / 200 GetCallerIdentityRequest GetCallerIdentityResponse
///     string roleDurationSecondsType range=900,43200
///     structure AssumeRoleRequest
///      RoleArn arnType required
///
/// Spaces, `|` and `%` inside a value are percent-escaped; `pattern=` runs to the end of its line.
struct ModelTableReader {
    private let table: UnsafeBufferPointer<UInt8>
    private var lineNumber = 0
    /// Members seen before their shapes: resolved when the whole table is known.
    private var references: [(line: Int, owner: ShapeSchema, fields: [String])] = []
    private var operations: [(line: Int, fields: [String])] = []

    init(_ table: StaticString) {
        self.init(UnsafeBufferPointer(start: table.utf8Start, count: table.utf8CodeUnitCount))
    }

    /// - Parameter table: has to outlive the reader.
    init(_ table: UnsafeBufferPointer<UInt8>) { self.table = table }

    mutating func read(into model: ServiceModel) throws(ModelTableError) {
        try readLines(into: model)
        try resolve(model)
    }

    /// Reads what stands before the first shape or operation.
    mutating func readTraits() throws(ModelTableError) -> ServiceTraits {
        let model = ServiceModel()
        try readLines(into: model, traitsOnly: true)
        return model.traits
    }

    // MARK: Lines

    private mutating func readLines(into model: ServiceModel, traitsOnly: Bool = false) throws(ModelTableError) {
        var owner: ShapeSchema?
        var inService = false
        var rest = table[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            lineNumber += 1
            let isMember = line.first == UInt8(ascii: " ")
            let fields = Self.fields(line)
            guard let head = fields.first else { continue }
            if isMember {
                if let owner {
                    references.append((lineNumber, owner, fields))
                } else if inService {
                    try readServiceTrait(fields, into: model)
                } else {
                    throw failure("a member stands before any shape")
                }
                continue
            }
            owner = nil
            inService = head == "service"
            if traitsOnly, !inService { return }
            switch head {
            case "service":
                guard fields.count == 2 else { throw failure("expected 'service NAME'") }
                model.traits.id = fields[1]
            case "operation", "unsupported": operations.append((lineNumber, fields))
            default: owner = try readShape(fields, into: model)
            }
        }
    }

    private func readServiceTrait(_ fields: [String], into model: ServiceModel) throws(ModelTableError) {
        let value = fields.count > 1 ? fields[1] : ""
        switch fields[0] {
        case "title": model.traits.title = value
        case "endpointPrefix": model.traits.endpointPrefix = value
        case "signingName": model.traits.signingName = value
        case "targetPrefix": model.traits.targetPrefix = value
        case "apiVersion": model.traits.apiVersion = value
        case "xmlNamespace": model.traits.xmlNamespace = value
        case "queryCompatible": model.traits.isQueryCompatible = true
        case "validationCode": model.traits.validationCode = value
        case "hidesValues": model.traits.hidesInvalidValues = true
        case "bareErrors": model.traits.hasBareErrors = true
        case "milliseconds": model.traits.writesMilliseconds = true
        case "protocols":
            for name in fields.dropFirst() {
                guard let known = ProtocolName(rawValue: name) else { throw failure("unknown protocol '\(name)'") }
                model.traits.protocols.append(known)
            }
        default: throw failure("unknown property '\(fields[0])' of a service")
        }
    }

    private func readShape(_ fields: [String], into model: ServiceModel) throws(ModelTableError) -> ShapeSchema {
        guard let kind = Self.kinds[fields[0]] else { throw failure("unknown kind of shape '\(fields[0])'") }
        guard fields.count > 1 else { throw failure("a shape needs a name") }
        let shape = ShapeSchema(name: fields[1], kind: kind)
        for trait in fields.dropFirst(2) { try apply(trait, to: shape) }
        guard model.shapesByName.updateValue(shape, forKey: shape.name) == nil else {
            throw failure("the shape '\(shape.name)' is defined twice")
        }
        model.shapes.append(shape)
        return shape
    }

    private static let kinds: [String: ShapeSchema.Kind] = [
        "string": .string, "boolean": .boolean, "integer": .integer, "long": .long, "float": .float,
        "double": .double, "timestamp": .timestamp, "blob": .blob, "list": .list, "map": .map,
        "structure": .structure, "document": .document,
    ]

    // MARK: References

    private mutating func resolve(_ model: ServiceModel) throws(ModelTableError) {
        for (line, owner, fields) in references {
            lineNumber = line
            guard fields.count > 1, let target = model.shapesByName[fields[1]] else {
                throw failure("a member needs the name of a shape")
            }
            let member = MemberSchema(name: fields[0], index: owner.members.count, target: target)
            member.isFlattened = target.isFlattened
            for trait in fields.dropFirst(2) { try apply(trait, to: member, of: owner) }
            member.isStreaming = member.isStreaming || target.isStreaming || target.isEventStream
            owner.members.append(member)
        }
        for shape in model.shapes { try finish(shape, model) }
        ConstraintReach.mark(model.shapes)
        let nothing = ShapeSchema(name: "Unit", kind: .structure)
        model.shapesByName["-"] = nothing
        for (line, fields) in operations {
            lineNumber = line
            try readOperation(fields, into: model)
        }
        model.routes = RouteTable(model)
    }

    private func finish(_ shape: ShapeSchema, _ model: ServiceModel) throws(ModelTableError) {
        switch shape.kind {
        case .list where shape.members.count != 1: throw failure("the list '\(shape.name)' needs one member")
        case .map where shape.members.count != 2: throw failure("the map '\(shape.name)' needs a key and a value")
        default: break
        }
        shape.bindings = shape.members.filter { $0.location != .body }
        shape.hasBody = shape.bindings.count < shape.members.count
        if let fault = shape.fault {
            model.faultsByCode[shape.name] = shape
            model.faultsByCode[fault.code] = shape
        }
    }

    private func readOperation(_ fields: [String], into model: ServiceModel) throws(ModelTableError) {
        guard fields.count >= 7, let status = Int(fields[4]), let input = model.shapesByName[fields[5]],
            let output = model.shapesByName[fields[6]]
        else { throw failure("expected 'operation NAME METHOD URI STATUS INPUT OUTPUT'") }
        var traits = OperationTraits()
        traits.isSupported = fields[0] == "operation"
        for trait in fields.dropFirst(7) {
            let (key, value) = Self.split(trait)
            switch key {
            case "wrapper": traits.resultWrapper = value
            case "hostPrefix": traits.hostPrefix = value
            case "as": traits.answeredBy = value
            case "anonymous": traits.isAnonymous = true
            case "checksum": traits.checksumAlgorithm = value
            case "validationCode": traits.validationCode = value
            case "bodyLimit": traits.bodyLimit = Int(value)
            default: throw failure("unknown property '\(key)' of an operation")
            }
        }
        let operation = OperationSchema(
            name: fields[1], index: model.operations.count, method: fields[2], uri: URITemplate(fields[3]),
            successStatus: status, input: input, output: output, traits: traits)
        model.operations.append(operation)
        model.operationsByName[operation.name] = operation
    }

    // MARK: Pieces

    /// Splits at spaces and resolves the escapes; a `pattern=` takes the rest of the line as it stands.
    private static func fields(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> [String] {
        var fields: [String] = []
        var rest = line
        while let first = rest.first {
            if first == UInt8(ascii: " ") {
                rest = rest.dropFirst()
                continue
            }
            if rest.starts(with: patternPrefix) {
                fields.append(String(decoding: rest, as: UTF8.self))
                return fields
            }
            let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.endIndex
            fields.append(String(decoding: rest[..<end], as: UTF8.self))
            rest = rest[end...]
        }
        return fields.map { $0.utf8.contains(UInt8(ascii: "%")) && !$0.hasPrefix("enum=") ? unescape($0) : $0 }
    }

    private static let patternPrefix = Array("pattern=".utf8)

    static func unescape(_ text: String) -> String { PercentCoding.decode(text) ?? text }

    static func split(_ trait: String) -> (key: String, value: String) {
        guard let equals = trait.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (trait, "") }
        return (String(trait[..<equals]), String(trait[trait.utf8.index(after: equals)...]))
    }

    func failure(_ reason: String) -> ModelTableError { ModelTableError(line: lineNumber, reason: reason) }
}
