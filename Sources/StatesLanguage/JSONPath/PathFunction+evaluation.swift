import Core

extension PathFunction {
    /// Nil when the function does not apply to such a value.
    func apply(to value: JSON) -> JSON? {
        switch (self, value) {
        case (.length, .array(let array)), (.size, .array(let array)): return JSON(array.count)
        case (.length, .object(let object)), (.size, .object(let object)): return JSON(object.count)
        case (.length, .string(let text)): return JSON(text.utf16.count)
        case (.keys, .object(let object)): return .array(object.keys.map(JSON.string))
        case (.first, .array(let array)): return array.first
        case (.last, .array(let array)): return array.last
        case (.min, .array(let array)): return Self.numbers(array).min().map(JSON.double)
        case (.max, .array(let array)): return Self.numbers(array).max().map(JSON.double)
        case (.sum, .array(let array)): return .double(Self.numbers(array).reduce(0, +))
        case (.avg, .array(let array)):
            let numbers = Self.numbers(array)
            return numbers.isEmpty ? nil : .double(numbers.reduce(0, +) / Double(numbers.count))
        default: return nil
        }
    }

    private static func numbers(_ array: [JSON]) -> [Double] { array.compactMap(\.doubleValue) }
}
