import Glibc

/// What the caller of the program has to mend.
struct Failure: Error {
    var text: String
}

/// The arguments of the program, with the files that they name.
struct Options {
    var port: UInt16 = 0
    var connections = 8
    var request = Template([])
    var deletion: DeletionTemplate?
    var body = UnsafeRawBufferPointer(start: nil, count: 0)
    var warmUp = 0.0
    var seconds = 3.0
    var requests = Int.max
    var cycle = Int.max

    init(_ arguments: ArraySlice<String>) throws(Failure) {
        var rest = arguments
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure(text: "\(name) needs a value") }
            switch name {
            case "--port": port = try Self.number(name, value)
            case "--connections": connections = try Self.number(name, value)
            case "--request": request = Template(Array(try Self.mapped(value)))
            case "--delete": deletion = try DeletionTemplate(Array(try Self.mapped(value)))
            case "--body": body = try Self.mapped(value)
            case "--warm-up": warmUp = try Self.number(name, value)
            case "--seconds": seconds = try Self.number(name, value)
            case "--requests": requests = try Self.number(name, value)
            case "--cycle": cycle = try Self.number(name, value)
            default: throw Failure(text: "unknown argument \(name); see the head of main.swift")
            }
        }
        guard port > 0, !request.bytes.isEmpty else { throw Failure(text: "--port and --request are needed") }
        guard connections > 0, cycle > 0 else { throw Failure(text: "--connections and --cycle are above 0") }
    }

    private static func number<Number: LosslessStringConvertible>(
        _ name: String, _ value: String
    ) throws(Failure) -> Number {
        guard let number = Number(value) else { throw Failure(text: "\(name): \(value) is no number") }
        return number
    }

    /// The file's bytes, mapped for as long as the program runs.
    private static func mapped(_ path: String) throws(Failure) -> UnsafeRawBufferPointer {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var about = stat()
        guard file >= 0, fstat(file, &about) == 0, about.st_size > 0 else {
            throw Failure(text: "\(path) is missing or empty")
        }
        guard let start = mmap(nil, about.st_size, PROT_READ, MAP_PRIVATE | Int32(MAP_POPULATE), file, 0),
            start != MAP_FAILED
        else { throw Failure(text: "\(path) cannot be mapped: errno \(errno)") }
        return UnsafeRawBufferPointer(start: start, count: about.st_size)
    }
}
