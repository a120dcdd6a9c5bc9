/// Checks an input against its model and words the result as AWS does.
public enum Validator {
    /// As many as one message names.
    private static let violationLimit = 20
    private static let depthLimit = 64

    /// The error for an input that breaks its model; nil for one that does not.
    ///
    /// - Parameter hidesValues: whether the message repeats no values.
    public static func failure(of input: Record, code: String, hidesValues: Bool = false) -> AWSError? {
        let run = run(input, hidesValues: hidesValues)
        if let objection = run.objection { return AWSError(code, objection, status: 400) }
        guard !run.violations.isEmpty else { return nil }
        let count = run.violations.count
        let detected = count == 1 ? "1 validation error detected: " : "\(count) validation errors detected: "
        return AWSError(code, detected + run.violations.joined(separator: "; "), status: 400)
    }

    /// One sentence a broken constraint, in the order of the model's members.
    public static func violations(of input: Record, hidesValues: Bool = false) -> [String] {
        run(input, hidesValues: hidesValues).violations
    }

    private static func run(_ input: Record, hidesValues: Bool) -> Run {
        var run = Run(hidesValues: hidesValues)
        if input.schema.isConstrained { run.check(input, depth: 0) }
        return run
    }

    private struct Run {
        let hidesValues: Bool
        var violations: [String] = []
        /// What is said instead of them.
        var objection: String?
        /// Names from the input to the value, such as `tags`, `1`, `member`, `key`.
        var path: [String] = []

        mutating func check(_ record: Record, depth: Int) {
            guard depth < depthLimit else { return }
            for member in record.schema.members {
                let value = record.values[member.index]
                if case .absent = value {
                    if member.isRequired { report(value, at: member, "Member must not be null") }
                } else if member.target.isConstrained {
                    path.append(member.propertyName)
                    check(value, member.target, depth: depth)
                    path.removeLast()
                }
            }
        }

        private mutating func check(_ value: Value, _ shape: ShapeSchema, depth: Int) {
            if let constraints = shape.constraints {
                if let text = shape.objectionToLength, constraints.isExceeded(by: value) { objection = text }
                for demand in constraints.broken(by: value, hidesValues: hidesValues) { report(value, shape, demand) }
            }
            switch value {
            case .structure(let record): check(record, depth: depth + 1)
            case .list(let elements) where shape.kind == .list && shape.element.target.isScalar:
                if breaks(elements, shape.element.target) { report(value, shape, demandOnElements(of: shape)) }
            case .list(let elements) where shape.kind == .list && shape.element.target.isConstrained:
                for (index, element) in elements.enumerated() where violations.count < violationLimit {
                    path.append("\(index + 1).member")
                    check(element, shape.element.target, depth: depth + 1)
                    path.removeLast()
                }
            case .map(let entries) where shape.kind == .map && shape.isConstrained:
                if breaks(entries.map { .string($0.key) }, shape.key.target) {
                    let demands = demands(on: shape.key.target)
                    report(value, shape, "Map keys must satisfy constraint: [\(demands.joined(separator: ", "))]")
                }
                if shape.value.target.isScalar {
                    guard breaks(entries.map(\.value), shape.value.target) else { break }
                    let demands = demands(on: shape.value.target) + ["Member must not be null"]
                    report(value, shape, "Map value must satisfy constraint: [\(demands.joined(separator: ", "))]")
                    break
                }
                for entry in entries where violations.count < violationLimit {
                    path.append("\(entry.key).member")
                    check(entry.value, shape.value.target, depth: depth + 1)
                    path.removeLast()
                }
            default: break
            }
        }

        /// Whether one of several plain values breaks a constraint; they are objected to as a whole.
        private func breaks(_ values: [Value], _ shape: ShapeSchema) -> Bool {
            guard let constraints = shape.constraints else { return false }
            return values.contains { !constraints.broken(by: $0, hidesValues: hidesValues).isEmpty }
        }

        /// A list that names values of its own demands those.
        private func demandOnElements(of shape: ShapeSchema) -> String {
            if let constraints = shape.constraints, !constraints.enumeration.isEmpty {
                return constraints.enumerationDemand(hidesValues)
            }
            let demands = demands(on: shape.element.target) + ["Member must not be null"]
            return "Member must satisfy constraint: [\(demands.joined(separator: ", "))]"
        }

        private func demands(on shape: ShapeSchema) -> [String] {
            shape.constraints?.demands(on: shape.kind, hidesValues: hidesValues) ?? []
        }

        private mutating func report(_ value: Value, at member: MemberSchema, _ demand: String) {
            path.append(member.propertyName)
            report(value, member.target, demand)
            path.removeLast()
        }

        private mutating func report(_ value: Value, _ shape: ShapeSchema, _ demand: String) {
            guard violations.count < violationLimit else { return }
            violations.append(
                "Value \(shown(value, shape))at '\(path.joined(separator: "."))' failed to satisfy constraint: \(demand)"
            )
        }

        private func shown(_ value: Value, _ shape: ShapeSchema) -> String {
            // Of bytes that nobody is to see not even that is said.
            if hidesValues || shape.isSensitive && shape.kind == .blob { return "" }
            return value.isAbsent ? "null " : shape.isSensitive ? "'*****' " : "'\(ValueText.text(value))' "
        }
    }
}
