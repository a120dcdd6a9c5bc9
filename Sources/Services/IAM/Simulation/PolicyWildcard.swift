/// The patterns of policies: `*` stands for any text, `?` for one character.
enum PolicyWildcard {
    static func matches(_ text: some StringProtocol, _ pattern: some StringProtocol) -> Bool {
        let (text, pattern) = (Array(text.unicodeScalars), Array(pattern.unicodeScalars))
        var (position, place) = (0, 0)
        // Where the last star stood, and how much of the text it has taken.
        var star: (place: Int, taken: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[position] {
                position += 1
                place += 1
            } else if let last = star {
                star = (last.place, last.taken + 1)
                place = last.place + 1
                position = last.taken + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }

    /// Actions are the same in capitals and small letters.
    static func matchesAction(_ action: String, _ pattern: String) -> Bool {
        matches(action.lowercased(), pattern.lowercased())
    }

    /// A star stays within its part of an ARN, except in the last one.
    static func matchesARN(_ arn: String, _ pattern: String) -> Bool {
        if pattern == "*" { return true }
        let wanted = pattern.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let given = arn.split(separator: ":", maxSplits: wanted.count - 1, omittingEmptySubsequences: false)
        return wanted.count == given.count && zip(given, wanted).allSatisfy(matches)
    }
}
