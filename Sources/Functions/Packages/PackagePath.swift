/// A path inside a package, checked: relative, without `..`, and without anything that means more than a name.
struct PackagePath: Hashable, Sendable {
    var components: [String]

    var text: String { components.joined(separator: "/") }

    /// - Throws: what is wrong with the path, as a clause.
    init(_ name: String, limits: PackageLimits) throws(FunctionError) {
        func unsafe(_ reason: String) -> FunctionError {
            FunctionError(.invalidPackage, "the package's entry \"\(name)\" \(reason)")
        }
        guard name.utf8.count <= limits.pathBytes else {
            throw FunctionError(.invalidPackage, "the package has a path of more than \(limits.pathBytes) bytes")
        }
        guard !name.utf8.contains(0) else { throw unsafe("has a zero byte in its path") }
        guard !name.hasPrefix("/") else { throw unsafe("has an absolute path") }
        var parts: [String] = []
        for part in name.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": throw unsafe("leaves the package by \"..\"")
            default:
                guard part.utf8.count <= 255 else { throw unsafe("has a name of more than 255 bytes") }
                parts.append(String(part))
            }
        }
        components = parts
    }

    /// Whether a link that lies here and points there stays inside the package.
    func contains(target: String) -> Bool {
        guard !target.hasPrefix("/"), !target.isEmpty, !target.utf8.contains(0) else { return false }
        var depth = components.count - 1
        for part in target.split(separator: "/") {
            if part == "." { continue }
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }
}
