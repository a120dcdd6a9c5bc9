import Core

/// Turns the resolved syntax tree into nodes whose variables are numbered slots.
struct Compiler {
    let dialect: JSONataDialect
    /// Free variables by number; the evaluation looks each up once.
    private(set) var globals: [String]
    private var globalNumbers: [String: Int] = [:]
    private var scope: Scope
    /// Levels of syntax between the innermost function's body and the node under compilation.
    private var level = 0
    private var isTailPosition = false

    /// - Parameter firstGlobal: the number of the first free variable; an expression that `$eval` compiles adds its own
    ///   behind those of the expression around it.
    init(dialect: JSONataDialect, scope: Scope, firstGlobal: Int = 0) {
        self.dialect = dialect
        self.scope = scope
        globals = []
        self.firstGlobal = firstGlobal
    }

    private let firstGlobal: Int

    mutating func compileRoot(_ syntax: Syntax) -> Node {
        for name in BoundNames.inside(syntax) { scope.declare(name) }
        return compile(syntax)
    }

    // MARK: Values and their trimmings

    private mutating func compile(_ syntax: Syntax) -> Node {
        level += 1
        defer { level -= 1 }
        if case .path(let steps) = syntax.kind { return compilePath(syntax, steps) }
        let wasTail = isTailPosition
        defer { isTailPosition = wasTail }
        let isTrimmed = !syntax.predicates.isEmpty || syntax.group != nil
        if isTrimmed || syntax.keepsArray { isTailPosition = false }
        var node = compileKind(syntax, isRaw: isTrimmed)
        if !syntax.predicates.isEmpty {
            node = FilterNode(
                node, filters(syntax.predicates), keepsArray: syntax.keepsArray, isRaw: syntax.group != nil)
        } else if syntax.keepsArray, !(node is CallNode), !(node is ApplicationNode), syntax.group == nil {
            node = KeepArrayNode(node)
        }
        if let group = syntax.group { node = ObjectNode(template(group.pairs, group.position), of: node) }
        return node
    }

    /// A part whose value is not the value of the function.
    private mutating func part(_ syntax: Syntax) -> Node {
        let wasTail = isTailPosition
        isTailPosition = false
        defer { isTailPosition = wasTail }
        return compile(syntax)
    }

    private mutating func parts(_ items: [Syntax]) -> [Node] {
        var nodes: [Node] = []
        for item in items { nodes.append(part(item)) }
        return nodes
    }

    private mutating func filters(_ stages: [Syntax.Stage]) -> [Filter] {
        var filters: [Filter] = []
        for case .filter(let predicate, _) in stages { filters.append(filter(predicate)) }
        return filters
    }

    private mutating func filter(_ predicate: Syntax) -> Filter {
        if case .number(let index) = predicate.kind { return Filter(test: .index(index)) }
        return Filter(test: .condition(part(predicate)))
    }

    private mutating func template(_ pairs: [Syntax.Pair], _ position: Int) -> GroupTemplate {
        var compiled: [GroupTemplate.Pair] = []
        for pair in pairs {
            var literal: String?
            if case .string(let text) = pair.key.kind, pair.key.predicates.isEmpty { literal = text }
            compiled.append(GroupTemplate.Pair(key: part(pair.key), value: part(pair.value), literal: literal))
        }
        return GroupTemplate(compiled, position: position)
    }

    // MARK: Kinds

    /// - Parameter isRaw: predicates or a grouping follow, which see the sequence before a single element takes its place.
    private mutating func compileKind(_ syntax: Syntax, isRaw: Bool) -> Node {
        switch syntax.kind {
        case .name(let name): return NameNode(name)
        case .variable(let name): return variable(name)
        case .string(let text): return LiteralNode(.string(text))
        case .number(let value): return LiteralNode(JSON(number: value))
        case .constant(let value): return LiteralNode(value)
        case .regex(let regex): return RegexNode(regex)
        case .wildcard: return WildcardNode(isRaw: isRaw)
        case .descendant: return DescendantsNode()
        case .parent(let slot): return VariableNode(places: scope.places(of: slot.label), global: nil)
        case .binary(let symbol, let left, let right): return binary(symbol, left, right, syntax)
        case .negation(let operand): return NegationNode(part(operand), position: syntax.position)
        case .array(let items): return array(items, syntax)
        case .object(let pairs): return ObjectNode(template(pairs, syntax.position))
        case .block(let expressions): return block(expressions, syntax)
        case .condition(let test, let then, let otherwise):
            let test = part(test)
            let then = compile(then)
            return ConditionNode(test, then: then, otherwise: otherwise.map { compile($0) })
        case .elvis(let value, let fallback):
            return DefaultNode(part(value), compile(fallback), testsTruth: true)
        case .coalesce(let value, let fallback):
            return DefaultNode(part(value), compile(fallback), testsTruth: false)
        case .binding(let name, let value):
            return BindingNode(slot: scope.declare(name), value: part(value))
        case .call(let procedure, let arguments): return call(procedure, arguments, syntax, isRaw: isRaw)
        case .partial(let procedure, let arguments): return partial(procedure, arguments, syntax)
        case .lambda(let parameters, let signature, let body): return lambda(parameters, signature, body)
        case .application(let left, let right):
            return ApplicationNode(
                part(left), part(right), position: syntax.position,
                form: ResultForm(isRaw: isRaw, keepsArray: syntax.keepsArray))
        case .transform(let pattern, let update, let deletion):
            return TransformNode(
                pattern: part(pattern), update: part(update), deletion: deletion.map { part($0) },
                clone: variable("clone"), position: syntax.position, updatePosition: update.position,
                deletionPosition: deletion?.position ?? syntax.position)
        case .path(let steps): return compilePath(syntax, steps)
        case .sort, .step, .filter, .grouping, .ordering, .focusBinding, .indexBinding, .word, .placeholder, .end:
            // The resolver leaves none of these where a value is due.
            return LiteralNode(.null)
        }
    }

    private mutating func variable(_ name: String) -> Node {
        if name.isEmpty { return ContextNode() }
        return VariableNode(places: scope.places(of: name), global: global(name))
    }

    private mutating func global(_ name: String) -> Int {
        if let number = globalNumbers[name] { return number }
        let number = firstGlobal + globals.count
        globals.append(name)
        globalNumbers[name] = number
        return number
    }

    private mutating func binary(_ symbol: Symbol, _ left: Syntax, _ right: Syntax, _ syntax: Syntax) -> Node {
        if symbol == .ampersand { return concatenation(syntax) }
        let first = part(left)
        let second = part(right)
        switch symbol {
        case .equal, .notEqual: return EqualityNode(first, second, isNegated: symbol == .notEqual)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return ComparisonNode(symbol, first, second, position: syntax.position)
        case .and, .or: return LogicalNode(first, second, isAnd: symbol == .and, position: syntax.position)
        case .in: return InclusionNode(first, second)
        case .range: return RangeNode(first, second, position: syntax.position)
        default: return ArithmeticNode(symbol, first, second, position: syntax.position)
        }
    }

    /// `a & b & c` is put together at once.
    private mutating func concatenation(_ syntax: Syntax) -> Node {
        var operands: [Syntax] = []
        var rest = syntax
        while case .binary(.ampersand, let left, let right) = rest.kind,
            rest === syntax || (rest.predicates.isEmpty && rest.group == nil && !rest.keepsArray)
        {
            operands.append(right)
            rest = left
        }
        operands.append(rest)
        return ConcatenationNode(parts(operands.reversed()), position: syntax.position)
    }

    private mutating func array(_ items: [Syntax], _ syntax: Syntax) -> Node {
        var compiled: [ArrayNode.Item] = []
        for item in items {
            var staysArray = false
            if case .array = item.kind { staysArray = true }
            compiled.append(ArrayNode.Item(node: part(item), staysArray: staysArray))
        }
        return ArrayNode(compiled, isOneValue: syntax.isArrayValue)
    }

    private mutating func block(_ expressions: [Syntax], _ syntax: Syntax) -> Node {
        let names = BoundNames.inside(expressions)
        let outer = scope
        if !names.isEmpty { scope = Scope(parent: outer, names: names) }
        defer { scope = outer }
        return BlockNode(blockParts(expressions), slotCount: names.count, handsOn: syntax.carriesBindings)
    }

    // MARK: Functions

    private mutating func callee(_ procedure: Syntax, _ position: Int) -> Callee {
        var token: String?
        var likely: Node?
        switch procedure.kind {
        case .variable(let name): token = name
        case .number(let value): token = NumberText.text(of: value)
        case .string(let text): token = text
        case .path(let steps):
            if case .name(let name) = steps.first?.kind {
                token = name
                likely = variable(name)
            }
        default: break
        }
        return Callee(
            procedure: part(procedure), token: token, position: position, procedurePosition: procedure.position,
            likelyVariable: likely)
    }

    private mutating func call(
        _ procedure: Syntax, _ arguments: [Syntax], _ syntax: Syntax, isRaw: Bool
    ) -> Node {
        let isTail = isTailPosition
        let callee = callee(procedure, syntax.position)
        var site: Scope?
        if callee.token == "eval" { site = scope }
        return CallNode(
            callee, parts(arguments), levels: level, isTail: isTail,
            form: ResultForm(isRaw: isRaw, keepsArray: syntax.keepsArray), scope: site)
    }

    private mutating func partial(_ procedure: Syntax, _ arguments: [Syntax], _ syntax: Syntax) -> Node {
        var nodes: [Node?] = []
        for argument in arguments {
            if case .placeholder = argument.kind { nodes.append(nil) } else { nodes.append(part(argument)) }
        }
        return PartialNode(callee(procedure, syntax.position), nodes)
    }

    private mutating func lambda(_ parameters: [String], _ signature: Signature?, _ body: Syntax) -> Node {
        let outer = (scope, level, isTailPosition)
        // Parameters take the first slots; of equal names the last one counts.
        let inner = Scope(parent: outer.0)
        for (index, name) in parameters.enumerated() {
            inner.declare(parameters[(index + 1)...].contains(name) ? "!\(index)" : name)
        }
        for name in BoundNames.inside(body) { inner.declare(name) }
        (scope, level, isTailPosition) = (inner, 0, true)
        let node = Self.isPlainBlock(body) ? functionBlock(body) : compile(body)
        (scope, level, isTailPosition) = outer
        return LambdaNode(
            parameterCount: parameters.count, slotCount: inner.count, signature: signature, body: node)
    }

    private static func isPlainBlock(_ body: Syntax) -> Bool {
        guard case .block = body.kind else { return false }
        return body.predicates.isEmpty && body.group == nil && !body.keepsArray
    }

    /// A block that is the whole body of a function shares the function's frame.
    private mutating func functionBlock(_ body: Syntax) -> Node {
        guard case .block(let expressions) = body.kind else { return compile(body) }
        level += 1
        defer { level -= 1 }
        for name in BoundNames.inside(expressions) { scope.declare(name) }
        return BlockNode(blockParts(expressions), slotCount: 0, handsOn: false)
    }

    private mutating func blockParts(_ expressions: [Syntax]) -> [Node] {
        var nodes: [Node] = []
        for (index, expression) in expressions.enumerated() {
            nodes.append(index == expressions.count - 1 ? compile(expression) : part(expression))
        }
        return nodes
    }

    // MARK: Paths

    private mutating func compilePath(_ syntax: Syntax, _ steps: [Syntax]) -> Node {
        let wasTail = isTailPosition
        isTailPosition = false
        defer { isTailPosition = wasTail }
        if steps.contains(where: \.carriesBindings) { return tuplePath(syntax, steps) }
        let names = Self.plainNames(steps)
        let keeps = syntax.keepsSingletonArray
        if names.count == steps.count, !keeps, !syntax.keepsArray, syntax.group == nil { return FieldNode(names) }
        var compiled: [PathNode.Step] = []
        if names.count > 1 {
            let node = FieldNode(names, isLastStep: names.count == steps.count)
            compiled.append(PathNode.Step(node: RawFieldNode(node), filters: [], takesWholeContext: false))
            // A run of names walks over its context by itself.
            compiled[0].takesWholeContext = true
        }
        for (index, step) in steps.enumerated() where names.count <= 1 || index >= names.count {
            compiled.append(pathStep(step, isFirst: index == 0))
        }
        return PathNode(
            compiled, startsAtVariable: Self.startsAtVariable(steps), keepsSingleton: keeps,
            keepsArray: syntax.keepsArray, group: syntax.group.map { template($0.pairs, $0.position) })
    }

    private static func startsAtVariable(_ steps: [Syntax]) -> Bool {
        if case .variable = steps.first?.kind { true } else { false }
    }

    /// The names that the path starts with and that nothing hangs on.
    private static func plainNames(_ steps: [Syntax]) -> [String] {
        var names: [String] = []
        for step in steps {
            guard case .name(let name) = step.kind, step.stages.isEmpty, step.predicates.isEmpty, step.group == nil,
                !step.keepsArray
            else { break }
            names.append(name)
        }
        return names
    }

    private mutating func pathStep(_ step: Syntax, isFirst: Bool) -> PathNode.Step {
        let sort = sortTerms(step)
        let node = sort == nil ? part(step) : LiteralNode(.null)
        return PathNode.Step(
            node: node, filters: filters(step.stages), takesWholeContext: isFirst && step.isArrayValue, sort: sort)
    }

    private mutating func sortTerms(_ step: Syntax) -> SortTerms? {
        guard case .sort(let terms) = step.kind else { return nil }
        var compiled: [SortTerms.Term] = []
        for term in terms {
            compiled.append(SortTerms.Term(isDescending: term.isDescending, node: part(term.expression)))
        }
        return SortTerms(terms: compiled, position: step.position)
    }

    private mutating func tuplePath(_ syntax: Syntax, _ steps: [Syntax]) -> Node {
        let outer = scope
        scope = Scope(parent: outer, names: ["@"])
        defer { scope = outer }
        for name in BoundNames.ofTuples(steps) { scope.declare(name) }
        for name in BoundNames.directly(in: syntax) { scope.declare(name) }
        var compiled: [TuplePathNode.Step] = []
        var carriesBindings = false
        for (index, step) in steps.enumerated() {
            carriesBindings = carriesBindings || step.carriesBindings
            compiled.append(tupleStep(step, isFirst: index == 0, carriesBindings))
        }
        return TuplePathNode(
            compiled, scope: scope, startsAtVariable: Self.startsAtVariable(steps),
            keepsSingleton: syntax.keepsSingletonArray, keepsArray: syntax.keepsArray,
            group: syntax.group.map { template($0.pairs, $0.position) }, handsOn: syntax.carriesBindings)
    }

    private mutating func tupleStep(_ step: Syntax, isFirst: Bool, _ carriesBindings: Bool) -> TuplePathNode.Step {
        let sort = sortTerms(step)
        var predicates: [Filter] = []
        let node: Node
        if case .block = step.kind, step.carriesBindings, step.group == nil {
            level += 1
            node = compileKind(step, isRaw: true)
            predicates = filters(step.predicates)
            level -= 1
        } else {
            node = sort == nil ? part(step) : LiteralNode(.null)
        }
        var stages: [TuplePathNode.Stage] = []
        for stage in step.stages {
            switch stage {
            case .filter(let predicate, _): stages.append(.filter(filter(predicate)))
            case .index(let name): stages.append(.index(slot: scope.declare(name)))
            }
        }
        var inherited: [(from: Int, to: Int)] = []
        if let inner = node.tupleScope {
            for (slot, name) in inner.names.enumerated() { inherited.append((from: slot, to: scope.declare(name))) }
        }
        return TuplePathNode.Step(
            node: node, predicates: predicates, stages: stages, takesWholeContext: isFirst && step.isArrayValue,
            sort: sort,
            carriesBindings: carriesBindings, focusSlot: step.focus.map { scope.declare($0) },
            indexSlot: step.index.map { scope.declare($0) },
            ancestorSlot: step.ancestor.map { scope.declare($0.label) }, inherited: inherited)
    }
}

/// A run of names as the first step of a longer path: its sequence is not reduced to a single value.
private final class RawFieldNode: Node, @unchecked Sendable {
    private let field: FieldNode

    init(_ field: FieldNode) { self.field = field }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        try field.follow(input, run)
    }
}
