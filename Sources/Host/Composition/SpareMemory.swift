import CFunctionSpawn
import Glibc
import ServiceLifecycle

/// Memory that a peak of work needed and nobody needs any more. The allocator keeps it; this gives it back.
struct SpareMemory: Service {
    private static let interval: Duration = .seconds(60)
    /// Bytes that are worth the milliseconds that giving back takes.
    static let worthwhile = 32 << 20

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { Self.giveBack() }
        }
    }

    /// - Returns: whether there was enough.
    @discardableResult
    static func giveBack() -> Bool {
        guard mallinfo2().fordblks >= worthwhile else { return false }
        malloc_trim(0)
        return true
    }
}
