import Core

/// Replaces `${…}` as CloudFormation's `Fn::Sub` does: `${AWS::Region}`, `${AWS::AccountId}`, `${AWS::Partition}`,
/// `${name.Arn}` for a function or workflow of that name, and variables. `${!text}` is the text `${text}`. What it does not know
/// stays as it is.
struct Substitution {
    var scope: Scope
    var variables: [String: String] = [:]
    var names = ProjectNames()

    func apply(to text: String) -> String {
        var unknown: [String] = []
        return apply(to: text, unknown: &unknown)
    }

    /// - Parameter unknown: gets the names that stand for nothing.
    func apply(to text: String, unknown: inout [String]) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            let name = rest[start.upperBound..<end]
            if name.hasPrefix("!") {
                result += "${\(name.dropFirst())}"
            } else if let value = value(of: name) {
                result += value
            } else {
                unknown.append(String(name))
                result += rest[start.lowerBound...end]
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func value(of name: Substring) -> String? {
        switch name {
        case "AWS::Region": return scope.region
        case "AWS::AccountId": return scope.account
        case "AWS::Partition": return "aws"
        default: break
        }
        if name.hasSuffix(".Arn") {
            let resource = String(name.dropLast(4))
            if names.functions.contains(resource) { return scope.arn("lambda", "function:\(resource)").description }
            if names.workflows.contains(resource) { return scope.arn("states", "stateMachine:\(resource)").description }
            return nil
        }
        return variables[String(name)]
    }
}

extension Substring {
    func firstRange(of pattern: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
            start = index(after: start)
        }
        return nil
    }
}
