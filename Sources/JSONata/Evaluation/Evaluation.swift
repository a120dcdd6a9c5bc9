import Core

/// The state of one evaluation: what it was given, and what it has used up.
final class Evaluation {
    /// More functions than this inside arrays and objects are refused.
    static let maximumKeptFunctions = 200_000

    let environment: JSONataEnvironment
    let dialect: JSONataDialect
    let sequenceLimit: Int
    let stringLimit: Int
    let depthLimit: Int
    /// Values of the program's free variables, by their numbers.
    var globals: [Value]
    let bindings: [String: JSON]
    let root: Value
    var random: SeededRandom
    /// The call that a `.tailCall` speaks of.
    var pendingCall: PendingCall?
    /// Where the call that is being made stands, for `$eval`.
    var evalSite: (scope: Scope, frame: Frame)?
    private(set) var steps: Int
    private(set) var depth = 0
    private var kept: [Function] = []
    private var datePictures: [String: DatePicture] = [:]
    private var numberPictures: [String: NumberPicture] = [:]
    /// Frames that may own a closure that owns them.
    private var cyclicFrames: [Frame] = []
    private var depthSampler: SeededRandom

    init(
        environment: JSONataEnvironment, dialect: JSONataDialect, root: Value, bindings: [String: JSON],
        globals: [Value]
    ) {
        self.environment = environment
        self.dialect = dialect
        self.root = root
        self.bindings = bindings
        self.globals = globals
        sequenceLimit = environment.limits.sequenceLength
        stringLimit = environment.limits.stringLength
        depthLimit = environment.limits.depth
        steps = environment.limits.steps
        random = SeededRandom(seed: environment.seed)
        depthSampler = SeededRandom(seed: ~environment.seed)
    }

    /// Unties closures from the frames that own them.
    func finish() {
        for frame in cyclicFrames { frame.clear() }
        cyclicFrames = []
        kept = []
        pendingCall = nil
        evalSite = nil
    }

    func mayBeCyclic(_ frame: Frame) { cyclicFrames.append(frame) }

    var hasKeptFunctions: Bool { !kept.isEmpty }

    /// An analysed picture; the last few are kept, since one is mostly used for many dates.
    func datePicture(_ text: String) throws(JSONataError) -> DatePicture {
        if let known = datePictures[text] { return known }
        try spend(text.utf8.count)
        let picture = try DatePicture(text)
        if datePictures.count >= 16 { datePictures.removeAll() }
        datePictures[text] = picture
        return picture
    }

    /// The same for numbers, without options.
    func numberPicture(_ text: String) throws(JSONataError) -> NumberPicture {
        if let known = numberPictures[text] { return known }
        try spend(text.utf8.count)
        let picture = try NumberPicture(text, options: nil)
        if numberPictures.count >= 16 { numberPictures.removeAll() }
        numberPictures[text] = picture
        return picture
    }

    // MARK: Bounds

    @inline(__always) func spend(_ count: Int) throws(JSONataError) {
        steps &-= count
        if steps < 0 { throw outOfSteps() }
    }

    private func outOfSteps() -> JSONataError {
        JSONataError(
            code: "D1012",
            text: "The evaluation took more than \(environment.limits.steps) steps. Check for infinite loop")
    }

    @inline(__always) func enter(_ levels: Int) throws(JSONataError) {
        depth &+= levels
        // The body that is about to be evaluated counts as well.
        if depth >= depthLimit { throw tooDeep() }
    }

    @inline(__always) func leave(_ levels: Int) { depth &-= levels }

    private func tooDeep() -> JSONataError { JSONataError(code: "D1011") }

    @inline(__always) func checkLength(_ count: Int) throws(JSONataError) {
        if count > sequenceLimit { throw JSONataError(code: "D2015", value: JSON(sequenceLimit)) }
    }

    /// Pays for a string that is about to be made.
    @inline(__always) func checkString(bytes: Int) throws(JSONataError) {
        if bytes > 256 { try checkLongString(bytes) }
    }

    private func checkLongString(_ bytes: Int) throws(JSONataError) {
        if bytes > stringLimit {
            throw JSONataError(
                code: "D2015", text: "The maximum string length of \(stringLimit) bytes was exceeded.",
                value: JSON(stringLimit))
        }
        try spend(bytes >> 4)
    }

    /// Values that are nested too deeply would exhaust the stack of whoever walks over them, so a sample of the
    /// containers under construction is measured. No program can foresee which.
    @inline(__always) func sampleDepth(_ elements: () -> [JSON]) throws(JSONataError) {
        if depthSampler.next() & 31 == 0 { try measureDepth(elements()) }
    }

    private func measureDepth(_ elements: [JSON]) throws(JSONataError) {
        for element in elements where !element.isShallow(than: 1000) {
            throw JSONataError(code: "D2015", text: "The value is nested more than 1000 levels deep")
        }
    }

    // MARK: Functions inside containers

    /// An element of a container as a value.
    @inline(__always) func value(of element: JSON) -> Value {
        if case .double(let number) = element, number.isNaN { return valueOfHandle(element, number) }
        return .json(element)
    }

    /// An element of an array with these traits as a value.
    @inline(__always) func value(of element: JSON, in traits: ArrayTraits) -> Value {
        if traits.contains(.elementsAreValues), case .array(let inner) = element { return .array(inner, .isOneValue) }
        return value(of: element)
    }

    private func valueOfHandle(_ element: JSON, _ number: Double) -> Value {
        guard let index = FunctionHandle.number(number), index < kept.count else { return .json(element) }
        return .function(kept[index])
    }

    /// A value as an element of a container; nil when it is undefined.
    @inline(__always) func element(_ value: Value) throws(JSONataError) -> JSON? {
        switch value {
        case .json(let json): json
        case .array(let elements, _): .array(elements)
        case .function(let function): try keep(function)
        default: nil
        }
    }

    func keep(_ function: Function) throws(JSONataError) -> JSON {
        guard kept.count < Self.maximumKeptFunctions else {
            throw JSONataError(
                code: "D2015", text: "More than \(Self.maximumKeptFunctions) functions were put into arrays or objects")
        }
        kept.append(function)
        return FunctionHandle.json(kept.count - 1)
    }
}

/// A call in tail position with its arguments.
struct PendingCall {
    let procedure: Value
    let arguments: [Value]
    let context: Value
    let token: String?
    let position: Int
}

extension JSON {
    /// Whether the value has at most that many levels.
    func isShallow(than levels: Int) -> Bool {
        switch self {
        case .array(let elements): levels > 0 && elements.allSatisfy { $0.isShallow(than: levels - 1) }
        case .object(let object): levels > 0 && object.allSatisfy { $0.value.isShallow(than: levels - 1) }
        default: true
        }
    }

    /// Whether a function's handle is anywhere inside.
    var holdsFunction: Bool {
        switch self {
        case .double(let value): FunctionHandle.number(value) != nil
        case .array(let elements): elements.contains { $0.holdsFunction }
        case .object(let object): object.contains { $0.value.holdsFunction }
        default: false
        }
    }
}
