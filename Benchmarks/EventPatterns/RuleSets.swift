import Core
import EventPatterns

/// A kind of rules: a handful that match some of the parcels, and any number of others of the same form.
struct RuleSet: Sendable {
    var name: String
    var points: ParcelEvents.Points = .arrays
    var first: [String]
    var more: @Sendable (inout SeededRandom) -> String

    func patterns(_ count: Int) throws -> [Int: EventPattern] {
        var random = SeededRandom(seed: 7)
        var rules: [Int: EventPattern] = [:]
        for id in 0..<count {
            rules[id] = try EventPattern(parsing: id < first.count ? first[id] : more(&random))
        }
        return rules
    }
}

extension RuleSet {
    static let all: [RuleSet] = [
        RuleSet(
            name: "exact", first: ["1430022", "2607117", "2607218", "3745012", "VACSTWIL"].map { lot("\"\($0)\"") },
            more: { lot("\"\(digits(7, &$0))\"") }),
        RuleSet(
            name: "wildcard",
            first: ["143*", "2*0*1*7", "*218", "3*5*2", "VA*IL"].map { lot(#"{"wildcard":"\#($0)"}"#) },
            more: { random in
                let shape = ["\(digits(4, &random))*\(digits(2, &random))", "*\(digits(6, &random))"]
                return lot(#"{"wildcard":"\#(shape[Int.random(in: 0..<2, using: &random)])"}"#)
            }),
        RuleSet(
            name: "prefix", first: ["AC", "BL", "DR", "FU", "RH"].map { street(#"{"prefix":"\#($0)"}"#) },
            more: { street(#"{"prefix":"\#(letters(5, &$0))"}"#) }),
        RuleSet(
            name: "prefix, any case",
            first: ["Ac", "bL", "dR", "Fu", "rH"].map { street(#"{"prefix":{"equals-ignore-case":"\#($0)"}}"#) },
            more: { street(#"{"prefix":{"equals-ignore-case":"\#(letters(5, &$0))"}}"#) }),
        RuleSet(
            name: "suffix", first: ["ON", "KE", "MM", "ING", "GO"].map { street(#"{"suffix":"\#($0)"}"#) },
            more: { street(#"{"suffix":"\#(letters(5, &$0))"}"#) }),
        RuleSet(
            name: "suffix, any case",
            first: ["oN", "Ke", "mM", "InG", "gO"].map { street(#"{"suffix":{"equals-ignore-case":"\#($0)"}}"#) },
            more: { street(#"{"suffix":{"equals-ignore-case":"\#(letters(5, &$0))"}}"#) }),
        RuleSet(
            name: "equals, any case",
            first: ["jefferson", "bEaCh", "HyDe", "CHESTNUT", "st"].map { street(#"{"equals-ignore-case":"\#($0)"}"#) },
            more: { street(#"{"equals-ignore-case":"\#(letters(7, &$0))"}"#) }),
        RuleSet(
            name: "numeric", points: .objects,
            first: [
                #"{"geometry":{"type":["Polygon"],"firstCoordinates":{"x":[{"numeric":["=",-122.42916360922355]}]}}}"#,
                #"{"geometry":{"type":["MultiPolygon"],"firstCoordinates":{"z":[{"numeric":["=",0]}]}}}"#,
                #"{"geometry":{"firstCoordinates":{"x":[{"numeric":["<",-122.41600944012424]}]}}}"#,
                #"{"geometry":{"firstCoordinates":{"x":[{"numeric":[">",-122.41600944012424]}]}}}"#,
                #"{"geometry":{"firstCoordinates":{"x":[{"numeric":[">",-122.46471267081272,"<",-122.4063085128395]}]}}}"#,
            ],
            more: { random in
                let start = Int.random(in: 122_370_000..<122_510_000, using: &random)
                let range = #"{"numeric":[">",-122.\#(start - 122_000_000 + 1),"<=",-122.\#(start - 122_000_000)]}"#
                return #"{"geometry":{"firstCoordinates":{"x":[\#(range)]}}}"#
            }),
        RuleSet(
            name: "anything-but",
            first: [
                street(#"{"anything-but":["FULTON"]}"#), street(#"{"anything-but":["MASON"]}"#),
                #"{"properties":{"ST_TYPE":[{"anything-but":["ST"]}]}}"#,
                #"{"geometry":{"type":[{"anything-but":["Polygon"]}]}}"#,
                #"{"properties":{"FROM_ST":[{"anything-but":["441"]}]}}"#,
            ], more: { narrow(#"{"anything-but":["\#(letters(5, &$0))"]}"#, &$0) }),
        RuleSet(
            name: "anything-but, any case",
            first: ["Fulton", "Mason", "Hyde", "Beach", "Noe"].map {
                street(#"{"anything-but":{"equals-ignore-case":["\#($0)"]}}"#)
            }, more: { narrow(#"{"anything-but":{"equals-ignore-case":["\#(letters(5, &$0))"]}}"#, &$0) }),
        RuleSet(
            name: "anything-but prefix",
            first: ["FULTO", "MASO", "S", "MIS", "HY"].map { street(#"{"anything-but":{"prefix":"\#($0)"}}"#) },
            more: { narrow(#"{"anything-but":{"prefix":"\#(letters(4, &$0))"}}"#, &$0) }),
        RuleSet(
            name: "anything-but suffix",
            first: ["ULTON", "ASON", "T", "ION", "DE"].map { street(#"{"anything-but":{"suffix":"\#($0)"}}"#) },
            more: { narrow(#"{"anything-but":{"suffix":"\#(letters(4, &$0))"}}"#, &$0) }),
        RuleSet(
            name: "anything-but wildcard",
            first: ["*ULTO*", "M*N", "*S*", "HY*", "*A*"].map { street(#"{"anything-but":{"wildcard":"\#($0)"}}"#) },
            more: { narrow(#"{"anything-but":{"wildcard":"*\#(letters(3, &$0))*"}}"#, &$0) }),
        RuleSet(
            name: "complex arrays", points: .objects,
            first: [
                #"{"geometry":{"type":["Polygon"],"coordinates":{"x":[{"numeric":["=",-122.42916360922355]}]}}}"#,
                #"{"geometry":{"type":["MultiPolygon"],"coordinates":{"y":[{"numeric":["=",37.729900216217324]}]}}}"#,
                #"{"geometry":{"coordinates":{"x":[{"numeric":["<",-122.41600944012424]}]}}}"#,
                #"{"geometry":{"coordinates":{"x":[{"numeric":[">",-122.41600944012424]}]}}}"#,
                #"{"geometry":{"coordinates":{"x":[{"numeric":[">",-122.46471267081272,"<",-122.4063085128395]}]}}}"#,
            ],
            more: { random in
                let x = Int.random(in: 37_000..<51_000, using: &random)
                let y = Int.random(in: 71_000..<81_000, using: &random)
                return #"{"geometry":{"coordinates":{"x":[{"numeric":[">",-122.\#(x + 1),"<",-122.\#(x)]}],"#
                    + #""y":[{"numeric":[">",37.\#(y),"<",37.\#(y + 1)]}]}}}"#
            }),
    ]

    private static func lot(_ matcher: String) -> String { #"{"properties":{"MAPBLKLOT":[\#(matcher)]}}"# }

    private static func street(_ matcher: String) -> String { #"{"properties":{"STREET":[\#(matcher)]}}"# }

    /// Nearly everything is anything but something: many such rules are only of use beside a narrow condition.
    private static func narrow(_ matcher: String, _ random: inout SeededRandom) -> String {
        #"{"properties":{"MAPBLKLOT":["\#(digits(7, &random))"],"STREET":[\#(matcher)]}}"#
    }

    private static func digits(_ count: Int, _ random: inout SeededRandom) -> String {
        String((0..<count).map { _ in Character(Unicode.Scalar(UInt8.random(in: 48...57, using: &random))) })
    }

    private static func letters(_ count: Int, _ random: inout SeededRandom) -> String {
        String((0..<count).map { _ in Character(Unicode.Scalar(UInt8.random(in: 65...90, using: &random))) })
    }
}
