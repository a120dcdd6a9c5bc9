import Core
import Glibc

/// Where a command writes what it found: tables and colour for people, JSON for programs.
struct Output: Sendable {
    var json: Bool
    /// Of what is written, and of notes: each goes where it is sent, to a terminal or not.
    let style = Style(isTerminal: isatty(STDOUT_FILENO) == 1)
    let noteStyle = Style(isTerminal: isatty(STDERR_FILENO) == 1)

    init(json: Bool) { self.json = json }

    func write(_ text: String) { Self.put(text + "\n", to: STDOUT_FILENO) }

    func write(_ value: JSON) { write(value.text(.pretty)) }

    /// Writes bytes as they are, such as a function's answer or an object.
    func write(_ bytes: [UInt8]) { Self.put(bytes, to: STDOUT_FILENO) }

    /// What is not the result: notes and progress. Nothing is written where JSON is asked for.
    func note(_ text: String) { if !json { Self.put(text + "\n", to: STDERR_FILENO) } }

    static func fail(_ text: String) {
        let style = Style(isTerminal: isatty(STDERR_FILENO) == 1)
        put("\(style.red("error:")) \(text)\n", to: STDERR_FILENO)
    }

    static func put(_ text: String, to descriptor: Int32) { put(Array(text.utf8), to: descriptor) }

    private static func put(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Colours of a terminal that wants them.
struct Style: Sendable {
    private let usesColour: Bool

    init(isTerminal: Bool) {
        let isDumb = getenv("TERM").map { String(cString: $0) } == "dumb"
        usesColour = isTerminal && !isDumb && getenv("NO_COLOR") == nil
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func blue(_ text: String) -> String { wrap(text, "34") }

    private func wrap(_ text: String, _ code: String) -> String {
        usesColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
