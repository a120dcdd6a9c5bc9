import Core

/// What arguments a function takes: `<s-nn?:s>` and the like.
///
/// Every parameter matches as in a regular expression over the types of the arguments, greedily and with
/// backtracking, as the language defines it.
struct Signature: Sendable {
    struct Parameter: Sendable {
        var types: TypeSet
        var isArray = false
        /// What an array must hold.
        var element: TypeSet?
        var elementSymbol: Character?
        var isOptional = false
        var isRepeated = false
        /// The context takes the place of a missing argument.
        var usesContext = false
    }

    struct TypeSet: OptionSet, Sendable {
        let rawValue: UInt16
        static let string = TypeSet(rawValue: 1)
        static let number = TypeSet(rawValue: 2)
        static let boolean = TypeSet(rawValue: 4)
        static let null = TypeSet(rawValue: 8)
        static let array = TypeSet(rawValue: 16)
        static let object = TypeSet(rawValue: 32)
        static let function = TypeSet(rawValue: 64)
        static let missing = TypeSet(rawValue: 128)
        static let any: TypeSet = [.string, .number, .boolean, .null, .array, .object, .function, .missing]
        static let json: TypeSet = [.string, .number, .boolean, .null, .array, .object, .missing]
    }

    private(set) var parameters: [Parameter] = []
    /// Every parameter takes exactly one argument, so that most calls need no matching.
    private let isPlain: Bool

    /// - Parameter position: where the signature starts in the source.
    init(_ text: String, position: Int) throws(JSONataError) {
        var parser = SignatureParser(text, position: position)
        parameters = try parser.parse()
        isPlain = parameters.allSatisfy { !$0.isRepeated }
    }

    // MARK: Checking

    /// The arguments as the function wants them: single values in arrays where arrays are due, the context where an
    /// argument is missing.
    func validate(_ arguments: [Value], context: Value, _ run: Evaluation) throws(JSONataError) -> [Value] {
        if isPlain, arguments.count == parameters.count, fitsDirectly(arguments) { return arguments }
        let types = arguments.map(\.signatureType)
        guard let counts = match(types, parameters.count, toEnd: true) else { throw mismatch(arguments, types) }
        var validated: [Value] = []
        validated.reserveCapacity(parameters.count)
        var next = 0
        for (parameter, count) in zip(parameters, counts) {
            if count == 0 {
                if parameter.usesContext {
                    guard parameter.types.contains(context.signatureType) else {
                        throw JSONataError(code: "T0411", value: context.shown, index: next + 1)
                    }
                    validated.append(context)
                } else {
                    validated.append(next < arguments.count ? arguments[next] : .undefined)
                    next += 1
                }
            }
            for _ in 0..<count {
                let argument = next < arguments.count ? arguments[next] : .undefined
                validated.append(try adapt(argument, parameter, index: next + 1, run))
                next += 1
            }
        }
        return validated
    }

    @inline(__always) private func fitsDirectly(_ arguments: [Value]) -> Bool {
        for index in arguments.indices {
            let parameter = parameters[index]
            let type = arguments[index].signatureType
            guard parameter.types.contains(type) else { return false }
            if parameter.isArray, type != .missing {
                guard let elements = arguments[index].elements else { return false }
                if let element = parameter.element, !Self.isUniform(elements, element) { return false }
            }
        }
        return true
    }

    private func adapt(
        _ argument: Value, _ parameter: Parameter, index: Int, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        guard parameter.isArray else { return argument }
        let type = argument.signatureType
        if type == .missing { return argument }
        if let element = parameter.element {
            guard argument.elements.map({ Self.isUniform($0, element) }) ?? (type == element) else {
                throw JSONataError(
                    code: "T0412", value: argument.shown, other: Self.plural(parameter.elementSymbol), index: index)
            }
        }
        switch argument {
        case .json(.array), .array: return argument
        case .json(let json): return .json(.array([json]))
        case .function(let function): return .json(.array([try run.keep(function)]))
        default: return argument
        }
    }

    @inline(__always) private static func isUniform(_ elements: [JSON], _ type: TypeSet) -> Bool {
        elements.allSatisfy { Value.type(of: $0) == type }
    }

    private static func plural(_ symbol: Character?) -> JSON? {
        switch symbol {
        case "a": "arrays"
        case "b": "booleans"
        case "f": "functions"
        case "n": "numbers"
        case "o": "objects"
        case "s": "strings"
        default: nil
        }
    }

    /// How many arguments each of the first parameters takes; nil when they do not fit.
    private func match(_ types: [TypeSet], _ parameterCount: Int, toEnd: Bool) -> [Int]? {
        var counts: [Int] = []
        var failed: Set<Int> = []
        return match(types, 0, parameterCount, toEnd, &counts, &failed) ? counts : nil
    }

    private func match(
        _ types: [TypeSet], _ start: Int, _ parameterCount: Int, _ toEnd: Bool, _ counts: inout [Int],
        _ failed: inout Set<Int>
    ) -> Bool {
        let index = counts.count
        if index == parameterCount { return !toEnd || start == types.count }
        // What failed once fails again, which keeps repeated parameters from multiplying the attempts.
        let attempt = index * (types.count + 1) + start
        if failed.contains(attempt) { return false }
        let parameter = parameters[index]
        let most = parameter.isRepeated ? types.count - start : min(1, types.count - start)
        var fitting = 0
        while fitting < most, parameter.types.contains(types[start + fitting]) { fitting += 1 }
        let least = parameter.isOptional ? 0 : 1
        while fitting >= least {
            counts.append(fitting)
            if match(types, start + fitting, parameterCount, toEnd, &counts, &failed) { return true }
            counts.removeLast()
            fitting -= 1
        }
        failed.insert(attempt)
        return false
    }

    /// The first argument that no parameter takes.
    private func mismatch(_ arguments: [Value], _ types: [TypeSet]) -> JSONataError {
        var goodTo = 0
        for count in 1...max(1, parameters.count) where count <= parameters.count {
            guard let counts = match(types, count, toEnd: false) else { break }
            goodTo = counts.reduce(0, +)
        }
        let value = goodTo < arguments.count ? arguments[goodTo].shown : nil
        return JSONataError(code: "T0410", value: value, index: goodTo + 1)
    }
}

extension Value {
    var signatureType: Signature.TypeSet {
        switch self {
        case .json(let json): Value.type(of: json)
        case .array: .array
        case .function, .localFunction: .function
        default: .missing
        }
    }

    @inline(__always) static func type(of json: JSON) -> Signature.TypeSet {
        switch json {
        case .null: .null
        case .bool: .boolean
        case .int: .number
        case .double(let value): FunctionHandle.number(value) == nil ? .number : .function
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}
