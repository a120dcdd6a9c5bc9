import Glibc

/// Which directories of which roots are watched, and the walk that finds them. Used by the watch's thread alone.
struct WatchedTree {
    struct Place: Hashable {
        var root: Int
        /// Relative to the root; empty for the root itself.
        var path: String
    }

    struct Root {
        var directory: String
        /// Names directly in the root that are left out.
        var excluded: Set<String>
    }

    private(set) var roots: [Int: Root] = [:]
    private var places: [Int32: Place] = [:]
    private var descriptors: [Place: Int32] = [:]

    func place(of descriptor: Int32) -> Place? { places[descriptor] }
    var watchedCount: Int { places.count }

    mutating func setRoot(_ id: Int, _ root: Root) { roots[id] = root }

    func absolutePath(_ place: Place) -> String? {
        roots[place.root].map { place.path.isEmpty ? $0.directory : "\($0.directory)/\(place.path)" }
    }

    /// Watches a directory and all below it; what cannot be watched is reported and left out.
    /// - Returns: the descriptors that the walk met.
    @discardableResult
    mutating func watch(
        _ start: Place, with driver: any FileWatchDriver, report: (FileChange) -> Void
    ) throws(FileWatchError) -> Set<Int32> {
        var met: Set<Int32> = []
        var pending = [start]
        while let place = pending.popLast() {
            guard let path = absolutePath(place) else { continue }
            do throws(FileWatchError) {
                // Watched first and listed then: what appears in between is listed, reported, or both.
                let descriptor = try driver.add(directory: path)
                forget(descriptor)
                places[descriptor] = place
                descriptors[place] = descriptor
                met.insert(descriptor)
            } catch {
                if place == start, place.path.isEmpty { throw error }
                // A directory that is gone again, or was none, has nothing to report.
                if error.code != ENOENT, error.code != ENOTDIR {
                    report(.unwatched(root: place.root, path: place.path, error))
                }
                continue
            }
            for name in Self.subdirectories(of: path) where !isExcluded(name, in: place) {
                pending.append(Place(root: place.root, path: place.path.isEmpty ? name : "\(place.path)/\(name)"))
            }
        }
        return met
    }

    func isExcluded(_ name: String, in place: Place) -> Bool {
        place.path.isEmpty && roots[place.root]?.excluded.contains(name) == true
    }

    mutating func forget(_ descriptor: Int32) {
        if let place = places.removeValue(forKey: descriptor), descriptors[place] == descriptor {
            descriptors[place] = nil
        }
    }

    /// Stops watching a directory and all below it: it was moved away and would report under its old name.
    mutating func unwatch(below place: Place, with driver: any FileWatchDriver) {
        let prefix = Array("\(place.path)/".utf8)
        let gone = descriptors.filter { each, _ in
            each.root == place.root
                && (place.path.isEmpty || each.path == place.path || each.path.utf8.starts(with: prefix))
        }
        for (each, descriptor) in gone {
            descriptors[each] = nil
            places[descriptor] = nil
            driver.remove(descriptor)
        }
    }

    mutating func removeRoot(_ id: Int, with driver: any FileWatchDriver) {
        unwatch(below: Place(root: id, path: ""), with: driver)
        roots[id] = nil
    }

    /// Walks a root again after events were lost.
    mutating func rewatch(root id: Int, with driver: any FileWatchDriver, report: (FileChange) -> Void)
        throws(FileWatchError)
    {
        let met = try watch(Place(root: id, path: ""), with: driver, report: report)
        for (descriptor, place) in places where place.root == id && !met.contains(descriptor) {
            forget(descriptor)
            driver.remove(descriptor)
        }
    }

    private static func subdirectories(of path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let type = entry.pointee.d_type
            guard type == UInt8(DT_DIR) || type == UInt8(DT_UNKNOWN) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    String(
                        validating: UnsafeBufferPointer(
                            start: bytes, count: strlen(UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self))),
                        as: UTF8.self)
                }
            }
            guard let name, name != ".", name != ".." else { continue }
            if type == UInt8(DT_UNKNOWN) {
                var status = stat()
                guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            }
            names.append(name)
        }
        return names
    }
}
