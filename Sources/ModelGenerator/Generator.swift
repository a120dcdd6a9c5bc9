import Core
import Foundation

/// Turns botocore's service models into the Swift shapes and model tables of `AWSModels`: parse, translate, render.
@main struct Generator {
    static func main() {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            let outcome = try Generator.run(options)
            print(outcome.summary)
            if options.isCheck, !outcome.differing.isEmpty { exit(1) }
        } catch {
            FileHandle.standardError.write(Data("ModelGenerator: \(error)\n".utf8))
            exit(2)
        }
    }

    struct Outcome {
        var services: [String] = []
        /// Files whose content is not what the models give.
        var differing: [String] = []

        var summary: String {
            let changed = differing.isEmpty ? "nothing differs" : differing.joined(separator: "\n")
            return "\(services.count) services: \(services.joined(separator: " "))\n\(changed)"
        }
    }

    static func run(_ options: Options) throws -> Outcome {
        var outcome = Outcome()
        let patches = try Patches(JSON(parsing: read(options.definitions + "/patches.json")))
        for selection in try Selection.list(JSON(parsing: read(options.definitions + "/services.json"))) {
            if let only = options.only, only != selection.service { continue }
            let source = try patches.applied(
                to: BotocoreModels.load(selection.service, from: options.botocore), service: selection.service)
            let service = try Translator.translate(source, selection)
            outcome.services.append(selection.service)
            for (name, text) in Renderer(service).files() {
                let path = "\(options.output)/\(selection.name)/\(name)"
                if try put(text, at: path, check: options.isCheck) { outcome.differing.append(path) }
            }
        }
        try patches.requireAllUsed(unless: options.only != nil)
        return outcome
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw Problem("cannot read \(path)") }
        return [UInt8](data)
    }

    /// Returns whether the file was different; writes it unless this is only a check.
    private static func put(_ text: String, at path: String, check: Bool) throws -> Bool {
        let data = Data(text.utf8)
        if FileManager.default.contents(atPath: path) == data { return false }
        if !check {
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try data.write(to: URL(fileURLWithPath: path))
        }
        return true
    }
}

struct Options {
    /// The folder of the Python package.
    var botocore = ""
    var definitions = "Sources/ModelGenerator"
    var output = "Sources/AWSModels"
    var only: String?
    var isCheck = false

    static let usage =
        "usage: ModelGenerator --botocore FOLDER [--check] [--only SERVICE] [--definitions FOLDER] [--output FOLDER]"

    init(_ arguments: some Sequence<String>) throws {
        var rest = arguments.makeIterator()
        while let option = rest.next() {
            switch option {
            case "--check": isCheck = true
            case "--botocore": botocore = try Self.value(&rest, option)
            case "--definitions": definitions = try Self.value(&rest, option)
            case "--output": output = try Self.value(&rest, option)
            case "--only": only = try Self.value(&rest, option)
            default: throw Problem("unknown option \(option)\n\(Self.usage)")
            }
        }
        guard !botocore.isEmpty else { throw Problem(Self.usage) }
    }

    private static func value(_ rest: inout some IteratorProtocol<String>, _ option: String) throws -> String {
        guard let value = rest.next() else { throw Problem("\(option) needs a value\n\(usage)") }
        return value
    }
}

/// What is wrong with the models, the definitions or the command, for people.
struct Problem: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
