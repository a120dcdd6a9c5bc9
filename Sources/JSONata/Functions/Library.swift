/// The functions that need no definition.
enum Library {
    static func functions(of dialect: JSONataDialect) -> [String: Builtin] {
        switch dialect {
        case .standard: standard
        case .stepFunctions: stepFunctions
        }
    }

    private static let standard = table(common + [random, eval])

    private static let stepFunctions = table(common + StepFunctions.functions)

    private static func table(_ functions: [Builtin]) -> [String: Builtin] {
        Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    private static let random = Builtin("random", "<:n>", NumericFunctions.random)
    private static let eval = Builtin("eval", "<sx?:x>", Evaluator.evaluate)

    private static let common: [Builtin] = numeric + strings + arrays + objects + higherOrder + dates

    private static let numeric = [
        Builtin("sum", "<a<n>:n>", AggregateFunctions.sum),
        Builtin("count", "<a:n>", AggregateFunctions.count),
        Builtin("max", "<a<n>:n>", AggregateFunctions.max),
        Builtin("min", "<a<n>:n>", AggregateFunctions.min),
        Builtin("average", "<a<n>:n>", AggregateFunctions.average),
        Builtin("number", "<(nsb)-:n>", NumericFunctions.number),
        Builtin("floor", "<n-:n>", NumericFunctions.floor),
        Builtin("ceil", "<n-:n>", NumericFunctions.ceil),
        Builtin("round", "<n-n?:n>", NumericFunctions.round),
        Builtin("abs", "<n-:n>", NumericFunctions.abs),
        Builtin("sqrt", "<n-:n>", NumericFunctions.sqrt),
        Builtin("power", "<n-n:n>", NumericFunctions.power),
        Builtin("formatNumber", "<n-so?:s>", NumericFunctions.formatNumber),
        Builtin("formatBase", "<n-n?:s>", NumericFunctions.formatBase),
        Builtin("formatInteger", "<n-s:s>", NumericFunctions.formatInteger),
        Builtin("parseInteger", "<s-s:n>", NumericFunctions.parseInteger),
        Builtin("boolean", "<x-:b>", BooleanFunctions.boolean),
        Builtin("not", "<x-:b>", BooleanFunctions.not),
        Builtin("exists", "<x:b>", BooleanFunctions.exists),
    ]

    private static let strings = [
        Builtin("string", "<x-b?:s>", arity: 1, StringFunctions.string),
        Builtin("substring", "<s-nn?:s>", StringFunctions.substring),
        Builtin("substringBefore", "<s-s:s>", StringFunctions.substringBefore),
        Builtin("substringAfter", "<s-s:s>", StringFunctions.substringAfter),
        Builtin("lowercase", "<s-:s>", StringFunctions.lowercase),
        Builtin("uppercase", "<s-:s>", StringFunctions.uppercase),
        Builtin("length", "<s-:n>", StringFunctions.length),
        Builtin("trim", "<s-:s>", StringFunctions.trim),
        Builtin("pad", "<s-ns?:s>", StringFunctions.pad),
        Builtin("join", "<a<s>s?:s>", StringFunctions.join),
        Builtin("match", "<s-f<s:o>n?:a<o>>", MatchFunctions.match),
        Builtin("contains", "<s-(sf):b>", MatchFunctions.contains),
        Builtin("replace", "<s-(sf)(sf)n?:s>", MatchFunctions.replace),
        Builtin("split", "<s-(sf)n?:a<s>>", MatchFunctions.split),
        Builtin("base64encode", "<s-:s>", EncodingFunctions.base64encode),
        Builtin("base64decode", "<s-:s>", EncodingFunctions.base64decode),
        Builtin("encodeUrlComponent", "<s-:s>", EncodingFunctions.encodeUrlComponent),
        Builtin("encodeUrl", "<s-:s>", EncodingFunctions.encodeUrl),
        Builtin("decodeUrlComponent", "<s-:s>", EncodingFunctions.decodeUrlComponent),
        Builtin("decodeUrl", "<s-:s>", EncodingFunctions.decodeUrl),
    ]

    private static let arrays = [
        Builtin("append", "<xx:a>", ArrayFunctions.append),
        Builtin("reverse", "<a:a>", ArrayFunctions.reverse),
        Builtin("shuffle", "<a:a>", ArrayFunctions.shuffle),
        Builtin("distinct", "<x:x>", ArrayFunctions.distinct),
        Builtin("zip", "<a+>", arity: 0, ArrayFunctions.zip),
        Builtin("sort", "<af?:a>", ArrayFunctions.sort),
    ]

    private static let objects = [
        Builtin("keys", "<x-:a<s>>", ObjectFunctions.keys),
        Builtin("lookup", "<x-s:x>", ObjectFunctions.lookup),
        Builtin("spread", "<x-:a<o>>", ObjectFunctions.spread),
        Builtin("merge", "<a<o>:o>", ObjectFunctions.merge),
        Builtin("type", "<x:s>", ObjectFunctions.type),
        Builtin("clone", "<(oa)-:o>", ObjectFunctions.clone),
        Builtin("error", "<s?:x>", ObjectFunctions.error),
        Builtin("assert", "<bs?:x>", ObjectFunctions.assert),
    ]

    private static let higherOrder = [
        Builtin("map", "<af>", HigherOrderFunctions.map),
        Builtin("filter", "<af>", HigherOrderFunctions.filter),
        Builtin("single", "<af?>", HigherOrderFunctions.single),
        Builtin("reduce", "<afj?:j>", HigherOrderFunctions.reduce),
        Builtin("sift", "<o-f?:o>", HigherOrderFunctions.sift),
        Builtin("each", "<o-f:a>", HigherOrderFunctions.each),
    ]

    private static let dates = [
        Builtin("now", "<s?s?:s>", DateFunctions.now),
        Builtin("millis", "<:n>", DateFunctions.millis),
        Builtin("toMillis", "<s-s?:n>", DateFunctions.toMillis),
        Builtin("fromMillis", "<n-s?s?:s>", DateFunctions.fromMillis),
    ]
}
