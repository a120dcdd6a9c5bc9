import Synchronization

/// A regular expression of a service model, matched against whole values as AWS does.
///
/// The models use the common part of Java's syntax: classes, groups, alternatives, counted repetition, anchors and
/// looking around. Matching runs all alternatives side by side, so its time grows with the length of the text and
/// never explodes, whatever the text.
public final class ConstraintPattern: Sendable {
    public let source: String
    private let compiled: Mutex<Compiled>

    private enum Compiled: Sendable {
        case notYet
        case program(PatternProgram)
        case unsupported(String)
    }

    public init(_ source: String) {
        self.source = source
        compiled = Mutex(.notYet)
    }

    /// Whether the whole text fits. A pattern that cannot be compiled lets everything pass.
    public func matches(_ text: String) -> Bool {
        guard let program = program() else { return true }
        return program.matchesWhole(Array(text.unicodeScalars.lazy.map(\.value)))
    }

    /// Why the pattern cannot be compiled; nil when it can.
    public var defect: String? {
        _ = program()
        return compiled.withLock { if case .unsupported(let reason) = $0 { reason } else { nil } }
    }

    private static func compile(_ source: String) -> Compiled {
        do {
            return .program(try PatternCompiler.compile(source))
        } catch {
            return .unsupported(error.reason)
        }
    }

    private func program() -> PatternProgram? {
        compiled.withLock { state in
            if case .notYet = state {
                state = Self.compile(source)
            }
            if case .program(let program) = state { return program }
            return nil
        }
    }
}
