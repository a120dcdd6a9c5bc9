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
    ///
    /// Looks at one combination of places after the other and takes each off the budget; when that is used up, the
    /// answer is the limit.
    func complexity(limit: Int, budget: inout Int) -> Int {
        guard starCount > 0 else { return 1 }
        let steps = flattened
        var seen: Set<Places> = []
        var waiting = [Places(start: steps)]
        var most = 0
        while let places = waiting.popLast() {
            most = max(most, places.stars.count + places.reached.count)
            if most >= limit || budget <= 0 { return limit }
            guard seen.insert(places).inserted else { continue }
            budget -= 1
            // A byte that leads on from no place leaves a part of these places, which can never grow to more.
            for byte in places.wantedBytes(steps) { waiting.append(places.advanced(by: byte, steps)) }
        }
        return most
    }

    /// Bytes, with nil for stars.
    private var flattened: [UInt8?] {
        var steps: [UInt8?] = []
        for (index, literal) in literals.enumerated() {
            if index > 0 { steps.append(nil) }
            steps += literal.map(Optional.some)
        }
        return steps
    }

    /// Both lists are in rising order.
    private struct Places: Hashable {
        /// Stars passed; each stays for good.
        var stars: [Int] = []
        /// Places reached by the last byte.
        var reached: [Int] = []

        init(start steps: [UInt8?]) {
            if steps[0] == nil { stars = [0] } else { reached = [0] }
        }

        private func forEachStep(_ steps: [UInt8?], _ body: (Int, UInt8) -> Void) {
            for place in reached where place < steps.count {
                if let byte = steps[place] { body(place, byte) }
            }
            for star in stars where star + 1 < steps.count {
                if let byte = steps[star + 1] { body(star + 1, byte) }
            }
        }

        func wantedBytes(_ steps: [UInt8?]) -> Set<UInt8> {
            var bytes: Set<UInt8> = []
            forEachStep(steps) { bytes.insert($1) }
            return bytes
        }

        func advanced(by byte: UInt8, _ steps: [UInt8?]) -> Places {
            var next = self
            next.reached = []
            forEachStep(steps) { place, wanted in
                guard wanted == byte, !next.reached.contains(place + 1) else { return }
                next.reached.append(place + 1)
                if place + 1 < steps.count, steps[place + 1] == nil, !next.stars.contains(place + 1) {
                    next.stars.append(place + 1)
                }
            }
            next.reached.sort()
            next.stars.sort()
            return next
        }
    }
}
