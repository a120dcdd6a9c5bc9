import Glibc

/// The Python and Node interpreters of this machine.
public struct InterpreterCatalog: Sendable {
    public struct Interpreter: Hashable, Sendable {
        public var path: String
        /// Such as 3.11 or 20.20, compared part by part.
        public var version: [Int]

        public init(path: String, version: [Int]) {
            self.path = path
            self.version = version
        }
    }

    /// In the order in which they were found.
    public var python: [Interpreter]
    public var node: [Interpreter]
    /// Directories of Python packages with AWS's SDK among them, by the version of the Python they are for. Lambda's
    /// Pythons bring the SDK along; the machine's need not.
    public var pythonSDKs: [Interpreter]
    /// The same for Node: folders of installed packages.
    public var nodeSDKs: [Interpreter]

    public init(
        python: [Interpreter], node: [Interpreter], pythonSDKs: [Interpreter] = [], nodeSDKs: [Interpreter] = []
    ) {
        self.python = python
        self.node = node
        self.pythonSDKs = pythonSDKs
        self.nodeSDKs = nodeSDKs
    }

    /// Looks through the search path and the places where version managers put interpreters.
    public static func discover(searchPath: String, home: String) -> InterpreterCatalog {
        var directories = searchPath.split(separator: ":").map(String.init)
        directories += ["/usr/local/bin", "/usr/bin", "/bin"]
        directories += FilePath.children(of: "\(home)/.pyenv/versions").map { "\(home)/.pyenv/versions/\($0)/bin" }
        directories += FilePath.children(of: "\(home)/.nvm/versions/node").map {
            "\(home)/.nvm/versions/node/\($0)/bin"
        }
        var seen = Set<String>()
        // A version manager's shims are scripts that pick an interpreter by the working directory: never a function's.
        directories = directories.filter { !$0.hasSuffix("/shims") && seen.insert($0).inserted }
        let pythons = directories.flatMap(pythons(in:))
        let nodes = directories.flatMap(nodes(in:))
        return InterpreterCatalog(
            python: pythons, node: nodes, pythonSDKs: pythons.compactMap { sdk(of: $0, home: home) },
            nodeSDKs: nodes.compactMap { sdk(ofNode: $0, home: home) })
    }

    private static func sdk(ofNode node: Interpreter, home: String) -> Interpreter? {
        let prefix = FilePath.parent(of: FilePath.parent(of: node.path))
        let places = ["\(prefix)/lib", "/usr/local/lib", "\(home)/.npm-global/lib"].map { "\($0)/node_modules" }
        let found = places.first { place in
            ["@aws-sdk", "aws-sdk"].contains { FilePath.isDirectory("\(place)/\($0)") }
        }
        return found.map {
            Interpreter(path: $0, version: node.version)
        }
    }

    private static func sdk(of python: Interpreter, home: String) -> Interpreter? {
        let prefix = FilePath.parent(of: FilePath.parent(of: python.path))
        let name = FilePath.name(of: python.path)
        let places = [
            "\(prefix)/lib/\(name)/site-packages", "\(prefix)/local/lib/\(name)/dist-packages",
            "\(prefix)/lib/python3/dist-packages", "\(home)/.local/lib/\(name)/site-packages",
        ]
        return places.first { FilePath.isDirectory("\($0)/boto3") }.map {
            Interpreter(path: $0, version: python.version)
        }
    }

    private static func pythons(in directory: String) -> [Interpreter] {
        FilePath.children(of: directory).sorted().compactMap { name in
            guard name.hasPrefix("python3."), let minor = Int(name.dropFirst("python3.".count)) else { return nil }
            let path = "\(directory)/\(name)"
            guard access(path, X_OK) == 0 else { return nil }
            return Interpreter(path: path, version: [3, minor])
        }
    }

    /// Node's file name tells no version: the header that every installation carries does, or else a folder's name.
    private static func nodes(in directory: String) -> [Interpreter] {
        let path = "\(directory)/node"
        guard access(path, X_OK) == 0 else { return [] }
        let prefix = FilePath.parent(of: directory)
        for header in ["\(prefix)/include/node/node_version.h", "\(prefix)/include/nodejs/src/node_version.h"] {
            if let text = FilePath.text(of: header, limit: 65_536), let version = nodeVersion(fromHeader: text) {
                return [Interpreter(path: path, version: version)]
            }
        }
        if let folder = prefix.split(separator: "/").last, folder.hasPrefix("v") {
            let parts = folder.dropFirst().split(separator: ".").compactMap { Int($0) }
            if !parts.isEmpty { return [Interpreter(path: path, version: parts)] }
        }
        return [Interpreter(path: path, version: [])]
    }

    static func nodeVersion(fromHeader text: String) -> [Int]? {
        var parts: [String: Int] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("#define NODE_") {
            let words = line.split(separator: " ")
            if words.count == 3, let value = Int(words[2]) { parts[String(words[1])] = value }
        }
        guard let major = parts["NODE_MAJOR_VERSION"], let minor = parts["NODE_MINOR_VERSION"] else { return nil }
        return [major, minor]
    }

    /// The interpreter whose version is nearest to the wanted one: the same, else the next newer, else the newest older.
    static func nearest(_ wanted: Int, among found: [Interpreter], part: Int) -> Interpreter? {
        func number(_ interpreter: Interpreter) -> Int {
            interpreter.version.indices.contains(part) ? interpreter.version[part] : -1
        }
        if let same = found.first(where: { number($0) == wanted }) { return same }
        return found.filter { number($0) > wanted }.min { number($0) < number($1) }
            ?? found.max { number($0) < number($1) }
    }
}
