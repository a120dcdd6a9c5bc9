import Core

/// Events in the shape of a public data set of city lots: a type, properties with ten strings, a polygon. About 900
/// bytes each.
struct ParcelEvents {
    enum Points {
        /// `[-122.42, 37.80, 0.0]`
        case arrays
        /// `{"x": -122.42, "y": 37.80, "z": 0.0}`, and the first point apart as `firstCoordinates`
        case objects
    }

    private(set) var text: [UInt8] = []
    private(set) var ends: [Int] = []
    private var random: SeededRandom

    init(count: Int, points: Points, seed: UInt64 = 42) {
        random = SeededRandom(seed: seed)
        text.reserveCapacity(count * 920)
        for _ in 0..<count {
            append(points)
            ends.append(text.count)
        }
    }

    var averageSize: Int { text.count / max(1, ends.count) }

    func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        text.withUnsafeBytes { bytes in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
    }

    private mutating func append(_ points: Points) {
        let known = Int.random(in: 0..<250, using: &random) == 0 ? pick(Self.knownLots) : nil
        let block = known.map { String($0.prefix(4)) } ?? digits(4)
        let lot = known.map { String($0.dropFirst(4)) } ?? digits(3)
        let from = Int.random(in: 1...4000, using: &random)
        let street = pick(Self.streets)
        let kind = pick(Self.streetTypes)
        let parity = from % 2 == 0 ? "E" : "O"
        let properties =
            #"{"MAPBLKLOT":"\#(block)\#(lot)","BLKLOT":"\#(block)\#(lot)","BLOCK_NUM":"\#(block)","LOT_NUM":"\#(lot)","#
            + #""FROM_ST":"\#(from)","TO_ST":"\#(from)","STREET":"\#(street)","ST_TYPE":"\#(kind)","#
            + #""ODD_EVEN":"\#(parity)","DISTRICT":"\#(from % 11 + 1)"}"#
        let event =
            #"{"type":"Feature","properties":\#(properties),"geometry":{"type":"\#(pick(Self.shapes))",\#(geometry(points))}}"#
        text.append(contentsOf: event.utf8)
    }

    private mutating func geometry(_ points: Points) -> String {
        let longitude = -122_510_000 + Int.random(in: 0..<140_000, using: &random)
        let latitude = 37_710_000 + Int.random(in: 0..<100_000, using: &random)
        var shown: [String] = []
        for index in 0..<(points == .arrays ? 14 : 10) {
            let x = "-\(coordinate(-longitude + index * 13))"
            let y = coordinate(latitude + index * 7)
            shown.append(points == .arrays ? "[\(x),\(y),0.0]" : #"{"x":\#(x),"y":\#(y),"z":0}"#)
        }
        let all = shown.joined(separator: ",")
        return points == .arrays
            ? #""coordinates":[[\#(all)]]"# : #""coordinates":[\#(all)],"firstCoordinates":\#(shown[0])"#
    }

    /// Fourteen digits behind the point, as the data set has them.
    private mutating func coordinate(_ microdegrees: Int) -> String {
        "\(microdegrees / 1_000_000).\(padded(microdegrees % 1_000_000, 6))\(digits(8))"
    }

    private mutating func digits(_ count: Int) -> String {
        var limit = 1
        for _ in 0..<count { limit *= 10 }
        return padded(Int.random(in: 0..<limit, using: &random), count)
    }

    private func padded(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    /// Lots that the first rules of the benchmark name.
    private static let knownLots = ["1430022", "2607117", "2607218", "3745012", "VACSTWIL"]
    private static let streets = [
        "ACADEMY", "BLYTHDALE", "DRUMM", "FULTON", "RHODE ISLAND", "MASON", "JEFFERSON", "BEACH", "HYDE", "CHESTNUT",
        "MISSION", "MARKET", "SAN BRUNO", "LAKE", "VALLEJO", "BRODERICK", "DIVISADERO", "WASHINGTON", "SACRAMENTO",
        "HOWARD", "FOLSOM", "HARRISON", "BRYANT", "GEARY", "ANZA", "BALBOA", "CABRILLO", "IRVING", "JUDAH", "KIRKHAM",
        "LAWTON", "MORAGA", "NORIEGA", "ORTEGA", "PACHECO", "QUINTARA", "RIVERA", "SANTIAGO", "TARAVAL", "ULLOA",
        "VICENTE", "WAWONA", "YORBA", "SLOAT", "DIAMOND", "CASTRO", "NOE", "SANCHEZ", "CHURCH", "DOLORES", "GUERRERO",
    ]
    private static let streetTypes = ["ST", "ST", "ST", "AVE", "AVE", "BLVD", "WAY", "TER", "CT", "DR"]
    private static let shapes = ["Polygon", "Polygon", "Polygon", "Polygon", "MultiPolygon"]
}
