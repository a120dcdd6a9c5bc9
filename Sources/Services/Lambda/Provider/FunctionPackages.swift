import Core
public import Functions
public import Objects
import Glibc
public import Storage
import Wire

/// Where the code of functions and layers comes from: archives in requests and in buckets, unpacked once and kept with
/// the archive itself, which callers can download again.
public struct FunctionPackages: Sendable {
    private let store: PackageStore
    private let archives: String
    private let objects: ObjectStore
    private let pool: BlockingPool

    /// - Parameter directory: an absolute path of the host's own.
    public init(directory: String, objects: ObjectStore) throws(FunctionError) {
        let limits = PackageLimits()
        store = try PackageStore(
            root: "\(directory)/unpacked", limits: PackageLimits(archiveBytes: limits.unpackedBytes))
        archives = "\(directory)/archives"
        do { try Directory.create(archives) } catch { throw FunctionError(.host, "\(error)") }
        self.objects = objects
        pool = BlockingPool(name: "packages", maximumThreads: 2)
    }

    /// Of an archive that a request carries. What lies in a bucket is bounded by what it unpacks to.
    private static let directBytes = 52_428_800

    /// An archive from a request or a bucket.
    enum Source: Sendable {
        case bytes([UInt8])
        case object(bucket: String, key: String, version: String?)
    }

    /// Unpacks the archive, unless it has been before.
    func install(_ source: Source) async throws(AWSError) -> FunctionCode {
        let archive = try await archive(source)
        do {
            return try await pool.run { [store, archives] in
                let package = try store.install(archive)
                let path = "\(archives)/\(Self.name(ofSHA256: package.codeSHA256)).zip"
                try File.write(archive, to: path)
                return FunctionCode(
                    directory: package.directory, sha256: package.codeSHA256, size: package.codeSize)
            }
        } catch {
            throw LambdaError.wrap(error)
        }
    }

    private func archive(_ source: Source) async throws(AWSError) -> [UInt8] {
        switch source {
        case .bytes(let bytes):
            guard bytes.count <= Self.directBytes else {
                throw LambdaError.tooLarge("Zipped size must be smaller than \(Self.directBytes) bytes")
            }
            return bytes
        case .object(let bucket, let key, let version):
            do {
                let content = try await objects.get(ObjectKey(key), in: bucket, versionID: version)
                guard content.version.size <= Int64(store.limits.unpackedBytes) else {
                    throw LambdaError.invalidParameter(
                        "Unzipped size must be smaller than \(store.limits.unpackedBytes) bytes")
                }
                return try await objects.read(content, 0..<content.version.size)
            } catch let error as ObjectStoreError {
                throw LambdaError.invalidParameter(
                    "Error occurred while GetObject. S3 Error Code: \(error.code). S3 Error Message: \(error.message)")
            } catch { throw LambdaError.wrap(error) }
        }
    }

    /// The file of an archive by its hash, if it is there.
    public func archivePath(sha256: String) -> String? {
        let path = "\(archives)/\(Self.name(ofSHA256: sha256)).zip"
        return File.exists(path) ? path : nil
    }

    /// The archive by the hexadecimal form of its hash, as ``name(ofSHA256:)`` makes it.
    func archive(named name: String) -> FileRange? {
        guard name.utf8.count == 64, name.allSatisfy(\.isHexDigit) else { return nil }
        let path = "\(archives)/\(name).zip"
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileRange(path: path, offset: 0, length: Int64(status.st_size))
    }

    static func name(ofSHA256 sha256: String) -> String { hexadecimal(Base64.decode(sha256) ?? []) }

    /// Removes the code that no function and no layer uses any more. Call it once, before requests are taken.
    public func removeUnused(in database: Database) async throws {
        let functions = FunctionStore()
        let used = try await database.read { transaction in
            var used: [FunctionCode] = try functions.allLayers(in: transaction).map(\.code)
            for version in try functions.everything(in: transaction) {
                used.append(version.code)
                used += version.layers.compactMap(version.layerCode)
            }
            return used
        }
        try await pool.run { [store, archives] in
            store.removeAll(except: Set(used.map(\.directory)))
            let kept = Set(used.map { "\(Self.name(ofSHA256: $0.sha256)).zip" })
            for name in Directory.entries(archives) where !kept.contains(name) { unlink("\(archives)/\(name)") }
        }
    }
}
