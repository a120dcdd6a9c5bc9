import Core

/// Why an expression does not parse or why its evaluation failed.
///
/// Codes and wording are those of the JSONata reference (`S0201`, `T2001`, `D3030` …). `S` codes come from the syntax,
/// `T` codes from types, `D` codes from values. Three codes tell that a bound was reached: `D1011` (depth), `D1012`
/// (steps) and `D2015` (length of a sequence or a string). `U1001` reports an expression that is itself too large.
public struct JSONataError: Error, Sendable {
    /// One reference wide, because nearly every function of the evaluator may throw it.
    private let details: Details

    private final class Details: Sendable {
        let code: String
        let text: String?
        let position: Int?
        let token: String?
        let value: JSON?
        let other: JSON?
        let index: Int?

        init(
            code: String, text: String?, position: Int?, token: String?, value: JSON?, other: JSON?, index: Int?
        ) {
            self.code = code
            self.text = text
            self.position = position
            self.token = token
            self.value = value
            self.other = other
            self.index = index
        }
    }

    /// - Parameters:
    ///   - text: takes the place of the code's own wording.
    ///   - other: the second value of messages that speak of two.
    ///   - index: one-based number of the argument at fault, or the name that a message of syntax expects.
    public init(
        code: String, text: String? = nil, position: Int? = nil, token: String? = nil, value: JSON? = nil,
        other: JSON? = nil, index: Int? = nil
    ) {
        details = Details(
            code: code, text: text, position: position, token: token, value: value, other: other, index: index)
    }

    /// The reference's error code, such as `T1006`.
    public var code: String { details.code }

    /// Count of UTF-16 units of the source up to the end of the token at fault, as the reference counts.
    public var position: Int? { details.position }

    /// The operator, function name or piece of source that the error is about.
    public var token: String? { details.token }

    /// The offending value, when there is one that JSON can express.
    public var value: JSON? { details.value }

    /// The second value of an error that compares two.
    public var otherValue: JSON? { details.other }

    /// One-based number of the function argument at fault.
    public var argumentIndex: Int? { details.index }

    /// The reference's wording with the values filled in.
    public var message: String {
        details.text ?? JSONataMessages.text(for: self)
    }

    /// The same error, placed where it has no place of its own yet.
    func placed(position: Int?, token: String?) -> JSONataError {
        if details.position != nil, details.token != nil { return self }
        return replacing(position: details.position ?? position, token: details.token ?? token)
    }

    /// The same error at another place.
    func replacing(position: Int?, token: String?) -> JSONataError {
        JSONataError(
            code: code, text: details.text, position: position, token: token, value: value, other: otherValue,
            index: argumentIndex)
    }
}

extension JSONataError: CustomStringConvertible {
    public var description: String {
        position.map { "\(code) at \($0): \(message)" } ?? "\(code): \(message)"
    }
}

extension JSONataError: Equatable {
    public static func == (left: JSONataError, right: JSONataError) -> Bool {
        left.code == right.code && left.position == right.position && left.message == right.message
    }
}
