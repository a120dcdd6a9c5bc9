/// Text in which `*` stands for any run of bytes, also an empty one. `\*` and `\\` stand for the characters themselves.
struct WildcardExpression: Hashable, Sendable {
    /// The texts between the stars: one more than there are stars.
    let literals: [[UInt8]]

    struct ParseError: Error {
        var reason: String
    }

    init(parsing text: String) throws(ParseError) {
        var literals: [[UInt8]] = [[]]
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            let next = position + 1 < bytes.count ? bytes[position + 1] : nil
            // AWS counts positions from the opening quote.
            let reported = position + 1
            switch byte {
            case UInt8(ascii: "*"):
                guard next != UInt8(ascii: "*") else {
                    throw ParseError(reason: "Consecutive wildcard characters at pos \(reported)")
                }
                literals.append([])
            case UInt8(ascii: "\\"):
                guard let next, next == UInt8(ascii: "*") || next == UInt8(ascii: "\\") else {
                    throw ParseError(reason: "Invalid escape character at pos \(reported)")
                }
                literals[literals.count - 1].append(next)
                position += 1
            default: literals[literals.count - 1].append(byte)
            }
            position += 1
        }
        self.literals = literals
    }

    var starCount: Int { literals.count - 1 }
}

extension WildcardExpression {
    /// The most places in the expression at which a matcher can stand at the same time, over all inputs, counted no
    /// further than `limit`. Every star passed keeps one place for the rest of the input, and every repetition of what
    /// follows a star opens more; the work for each byte of an event grows with this number.
    func complexity(limit: Int) -> Int {
        guard starCount > 0 else { return 1 }
        let steps = flattened
        let alphabet = Set(literals.joined()).sorted()
        var seen: Set<Places> = []
        var waiting = [Places(start: steps)]
        var most = 0
        while let places = waiting.popLast() {
            most = max(most, places.stars.count + places.reached.count)
            if most >= limit || seen.count >= Self.explorationLimit { return limit }
            guard seen.insert(places).inserted else { continue }
            for byte in alphabet { waiting.append(places.advanced(by: byte, steps)) }
        }
        return most
    }

    private static let explorationLimit = 4096

    /// Bytes, with nil for stars.
    private var flattened: [UInt8?] {
        var steps: [UInt8?] = []
        for (index, literal) in literals.enumerated() {
            if index > 0 { steps.append(nil) }
            steps += literal.map(Optional.some)
        }
        return steps
    }

    private struct Places: Hashable {
        /// Stars passed; each stays for good.
        var stars: Set<Int> = []
        /// Places reached by the last byte.
        var reached: Set<Int> = []

        init(start steps: [UInt8?]) {
            if steps[0] == nil { stars = [0] } else { reached = [0] }
        }

        func advanced(by byte: UInt8, _ steps: [UInt8?]) -> Places {
            var next = self
            next.reached = []
            for place in stars.map({ $0 + 1 }) + reached where place < steps.count && steps[place] == byte {
                next.reached.insert(place + 1)
                if place + 1 < steps.count, steps[place + 1] == nil { next.stars.insert(place + 1) }
            }
            return next
        }
    }
}
