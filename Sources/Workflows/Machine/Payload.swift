public import Core

/// A value on its way through a workflow, with the spelling of whoever wrote it for as long as no state changes it.
///
/// AWS hands such texts on as they are: blanks between the members of an execution's input are still there in the input
/// of its first state, and in the output of a machine that changes nothing.
public struct Payload: Sendable, Equatable {
    public let json: JSON
    private let spelling: String?

    public init(_ json: JSON, spelling: String? = nil) {
        self.json = json
        self.spelling = spelling
    }

    /// The array of the values; those that have a spelling keep it.
    init(elements: [Payload]) {
        json = .array(elements.map(\.json))
        let isSpelled = elements.contains { $0.spelling != nil }
        spelling = isSpelled ? "[" + elements.map(\.text).joined(separator: ",") + "]" : nil
    }

    public var text: String { spelling ?? json.text() }
}
