/// A compiled pattern: instructions that are run for all alternatives side by side.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case character(Int)
        case split(Int, Int)
        case jump(Int)
        case atStart
        case atEnd
        /// Goes on only when the text ahead (or the one character behind) fits the other program, or does not.
        case lookAhead(PatternProgram.Box, negative: Bool)
        case lookBehind(Int, negative: Bool)
        case accept
    }

    final class Box: Sendable {
        let program: PatternProgram
        init(_ program: PatternProgram) { self.program = program }
    }

    var instructions: [Instruction] = []
    var sets: [CharacterSet] = []

    func matchesWhole(_ text: [UInt32]) -> Bool {
        var run = Run(self, text)
        return run.reachesAccept(from: 0, wholeText: true)
    }

    private struct Run {
        let program: PatternProgram
        let text: [UInt32]
        var current: [Int] = []
        var next: [Int] = []
        /// The step at which an instruction was last put on a list.
        var marks: [Int]
        var stack: [Int] = []
        var accepted = false

        init(_ program: PatternProgram, _ text: [UInt32]) {
            self.program = program
            self.text = text
            marks = Array(repeating: -1, count: program.instructions.count)
        }

        mutating func reachesAccept(from start: Int, wholeText: Bool) -> Bool {
            add(0, at: start)
            swap(&current, &next)
            var position = start
            while position < text.count {
                if accepted, !wholeText { return true }
                accepted = false
                if current.isEmpty { return false }
                let scalar = text[position]
                next.removeAll(keepingCapacity: true)
                for index in current {
                    guard case .character(let set) = program.instructions[index] else { continue }
                    if program.sets[set].contains(scalar) { add(index + 1, at: position + 1) }
                }
                swap(&current, &next)
                position += 1
            }
            return accepted
        }

        /// Follows everything that consumes no character.
        private mutating func add(_ start: Int, at position: Int) {
            stack.append(start)
            while let index = stack.popLast() {
                guard marks[index] != position else { continue }
                marks[index] = position
                switch program.instructions[index] {
                case .character: next.append(index)
                case .accept: accepted = true
                case .jump(let target): stack.append(target)
                case .split(let first, let second):
                    stack.append(second)
                    stack.append(first)
                case .atStart: if position == 0 { stack.append(index + 1) }
                case .atEnd: if position == text.count { stack.append(index + 1) }
                case .lookAhead(let box, let negative):
                    var ahead = Run(box.program, text)
                    if ahead.reachesAccept(from: position, wholeText: false) != negative { stack.append(index + 1) }
                case .lookBehind(let set, let negative):
                    let fits = position > 0 && program.sets[set].contains(text[position - 1])
                    if fits != negative { stack.append(index + 1) }
                }
            }
        }
    }
}
