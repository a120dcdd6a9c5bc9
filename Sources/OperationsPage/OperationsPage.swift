import Foundation

/// Writes the page of the documentation that says which operations of AWS's services are built, from the generated
/// models and the sources of the providers. Run in the package's directory.
@main struct OperationsPage {
    static let place = "Sources/Host/Documentation.docc/Operations.md"

    static func main() {
        do {
            let text = try page(of: Folder("."))
            let isCheck = CommandLine.arguments.dropFirst() == ["--check"]
            guard isCheck || CommandLine.arguments.count == 1 else { throw Problem("usage: OperationsPage [--check]") }
            let isCurrent = FileManager.default.contents(atPath: place) == Data(text.utf8)
            if isCheck, !isCurrent { throw Problem("\(place) is out of date: swift run OperationsPage") }
            if !isCurrent { try Data(text.utf8).write(to: URL(fileURLWithPath: place)) }
            print(isCurrent ? "nothing differs" : place)
        } catch {
            FileHandle.standardError.write(Data("OperationsPage: \(error)\n".utf8))
            exit(1)
        }
    }

    /// Every service that has a provider, by name.
    static func page(of package: Folder) throws -> String {
        let sources = try package.texts(in: "Sources/Services").values.sorted()
        let services = try package.folders(in: "Sources/AWSModels").compactMap { name -> ServiceOperations? in
            let folder = "Sources/AWSModels/\(name)"
            guard package.has("\(folder)/\(name)+API.swift") else { return nil }
            return try ServiceOperations(
                name: name, table: package.text("\(folder)/\(name)+Table.swift"),
                requirements: package.text("\(folder)/\(name)+API.swift"), sources: sources)
        }
        return PageText(services.sorted { $0.title < $1.title }).text
    }
}

/// What is wrong, for people.
struct Problem: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Text files below a directory.
struct Folder {
    let path: String

    init(_ path: String) { self.path = path }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    func folders(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
    }

    /// The Swift sources of a directory and those in it, by path.
    func texts(in name: String) throws -> [String: String] {
        guard let files = FileManager.default.enumerator(atPath: "\(path)/\(name)") else {
            throw Problem("cannot read \(name)")
        }
        var texts: [String: String] = [:]
        for case let file as String in files where file.hasSuffix(".swift") {
            texts[file] = try text("\(name)/\(file)")
        }
        return texts
    }
}
