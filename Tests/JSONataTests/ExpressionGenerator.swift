import Core

/// Makes expressions at random: sound ones from the grammar, broken ones by mutation. The same seed makes the same ones.
struct ExpressionGenerator {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

    private static let names = ["a", "b", "order", "items", "price", "`odd name`", "and", "in", "missing"]
    private static let variables = ["$", "$$", "$x", "$y", "$f", "$states", "$sum", "$nothing"]
    private static let numbers = [
        "0", "1", "2.5", "-3", "1e3", "1e308", "9007199254740993", "0.1", "1e-320", "123456789012345678",
    ]
    private static let strings = [
        "''", "'a'", "\"b\"", "'\\u00e9\\n'", "'2017-11-07T15:12:37.121Z'", "'[Y0001]-[M01]'", "'#,##0.00'", "'x,y,z'",
        "'\\ud83d\\ude00'", "'\\ud800'", "'Ww'", "'01;o'",
    ]
    private static let patterns = [
        "/a/", "/(a|b)*c/i", "/^\\d+$/m", "/(a*)*b/", "/(?=a)./", "/[^\\w]/", "/(.)\\1/", "/x*/",
    ]
    private static let functions = [
        "sum", "count", "max", "min", "average", "string", "substring", "substringBefore", "substringAfter",
        "lowercase",
        "uppercase", "length", "trim", "pad", "match", "contains", "replace", "split", "join", "formatNumber",
        "formatBase", "formatInteger", "parseInteger", "number", "floor", "ceil", "round", "abs", "sqrt", "power",
        "random", "boolean", "not", "map", "zip", "filter", "single", "reduce", "sift", "keys", "lookup", "append",
        "exists", "spread", "merge", "reverse", "each", "error", "assert", "type", "sort", "shuffle", "distinct",
        "base64encode", "base64decode", "encodeUrlComponent", "encodeUrl", "decodeUrlComponent", "decodeUrl", "eval",
        "toMillis", "fromMillis", "clone", "now", "millis", "partition", "range", "hash", "uuid", "parse",
    ]
    private static let operators = [
        "+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "&", " and ", " or ", " in ", "?:", "??", "~>", ".",
    ]

    mutating func expression(depth: Int) -> String {
        guard depth > 0 else { return leaf() }
        switch below(22) {
        case 0...2: return leaf()
        case 3...5: return expression(depth: depth - 1) + pick(Self.operators) + expression(depth: depth - 1)
        case 6...8: return expression(depth: depth - 1) + "." + expression(depth: depth - 1)
        case 9: return expression(depth: depth - 1) + "[" + expression(depth: depth - 1) + "]"
        case 10: return "[" + list(depth) + "]"
        case 11: return "[" + expression(depth: depth - 1) + ".." + expression(depth: depth - 1) + "]"
        case 12: return "{" + pairs(depth) + "}"
        case 13: return expression(depth: depth - 1) + "{" + pairs(depth) + "}"
        case 14: return "(" + block(depth) + ")"
        case 15, 16: return "$" + pick(Self.functions) + "(" + list(depth) + ")"
        case 17: return "function($x, $y){" + expression(depth: depth - 1) + "}"
        case 18: return expression(depth: depth - 1) + "^(" + pick(["", "<", ">"]) + expression(depth: depth - 1) + ")"
        case 19: return expression(depth: depth - 1) + pick(["@$x", "#$y", "[]", "^(b)", ".%", ".%.%", "[0]", "[-1]"])
        case 20:
            return expression(depth: depth - 1) + "?" + expression(depth: depth - 1) + ":"
                + expression(depth: depth - 1)
        default: return pick(Self.names) + "~>|" + expression(depth: depth - 1) + "|{" + pairs(depth) + "},'a'|"
        }
    }

    private mutating func leaf() -> String {
        switch below(9) {
        case 0, 1: pick(Self.names)
        case 2, 3: pick(Self.variables)
        case 4: pick(Self.numbers)
        case 5: pick(Self.strings)
        case 6: pick(Self.patterns)
        case 7: "$" + pick(Self.functions)
        default: pick(["*", "**", "%", "true", "false", "null", "?"])
        }
    }

    private mutating func list(_ depth: Int) -> String {
        (0..<below(4)).map { _ in expression(depth: depth - 1) }.joined(separator: ",")
    }

    private mutating func pairs(_ depth: Int) -> String {
        (0..<below(3)).map { _ in pick(Self.strings + Self.names) + ":" + expression(depth: depth - 1) }.joined(
            separator: ",")
    }

    private mutating func block(_ depth: Int) -> String {
        var parts = [expression(depth: depth - 1)]
        if below(2) == 0 { parts.insert("$x:=" + expression(depth: depth - 1), at: 0) }
        if below(3) == 0 {
            let body = expression(depth: depth - 1)
            parts.insert("$f:=function($x){$x>3?$x:" + pick(["$f($x+1)", body, "[$f($x+1)]"]) + "}", at: 0)
            parts.append("$f(" + leaf() + ")")
        }
        return parts.joined(separator: ";")
    }

    /// A text with some of its characters lost, doubled, swapped or replaced.
    mutating func mutated(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0...below(4) {
            let place = scalars.isEmpty ? 0 : below(scalars.count)
            switch below(4) {
            case 0 where !scalars.isEmpty: scalars.remove(at: place)
            case 1 where !scalars.isEmpty: scalars.insert(scalars[place], at: place)
            case 2 where !scalars.isEmpty: scalars.swapAt(place, below(scalars.count))
            default:
                let others = Array("()[]{}.,;:?|%@#^*~/\\'\"`$&<>=!-+0e \u{E9}\u{1F600}".unicodeScalars)
                scalars.insert(pick(others), at: place)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// A regular expression, sound or not.
    mutating func pattern(depth: Int) -> String {
        guard depth > 0 else {
            return pick(["a", "b", ".", "\\d", "\\w", "[ab]", "[^a]", "\\b", "^", "$", "\\1", "é"])
        }
        switch below(9) {
        case 0...2: return pattern(depth: depth - 1) + pattern(depth: depth - 1)
        case 3: return pattern(depth: depth - 1) + "|" + pattern(depth: depth - 1)
        case 4, 5:
            return "(" + pattern(depth: depth - 1) + ")" + pick(["", "*", "+", "?", "{2}", "{0,3}", "*?", "{1,}?"])
        case 6: return "(?:" + pattern(depth: depth - 1) + ")" + pick(["*", "+", "??"])
        case 7: return "(?" + pick(["=", "!", "<=", "<!"]) + pattern(depth: depth - 1) + ")"
        default: return mutated(pattern(depth: depth - 1))
        }
    }

    /// A picture of a date, a number or an integer, sound or not.
    mutating func picture() -> String {
        let pieces = [
            "[Y]", "[M01]", "[MNn,*-3]", "[D1o]", "[dWwo]", "[F]", "[FNn]", "[W]", "[w]", "[X]", "[x]", "[H#0]", "[h]",
            "[P]", "[PN]", "[m]", "[s]", "[f001]", "[Z]", "[z]", "[Z0101t]", "[C]", "[E]", "[Y,2-2]", "[YI]", "[[",
            "]]",
            "#", "0", ",", ".", "%", "e0", ";", "\u{661}", "A", "i", "Ww", "-", "T", "[", "[q]", "[D,9999999999]",
        ]
        return (0...below(6)).map { _ in pick(pieces) }.joined()
    }
}
