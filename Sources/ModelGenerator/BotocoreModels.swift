import Core
import Foundation

/// Finds and reads a service's model in an installed botocore.
enum BotocoreModels {
    /// - Parameter folder: of the package, or its `data`.
    static func load(_ service: String, from folder: String) throws -> JSON {
        let files = FileManager.default
        let data = files.fileExists(atPath: folder + "/data") ? folder + "/data" : folder
        let versions = try files.contentsOfDirectory(atPath: "\(data)/\(service)").sorted()
        for version in versions.reversed() {
            let path = "\(data)/\(service)/\(version)/service-2.json"
            if let plain = files.contents(atPath: path) { return try JSON(parsing: [UInt8](plain)) }
            if files.fileExists(atPath: path + ".gz") { return try JSON(parsing: unzip(path + ".gz")) }
        }
        throw Problem("no model of '\(service)' in \(data)")
    }

    private static func unzip(_ path: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Problem("cannot unpack \(path)") }
        return [UInt8](data)
    }
}
