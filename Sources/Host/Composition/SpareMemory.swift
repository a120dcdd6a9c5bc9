import CFunctionSpawn
import Core
import Glibc
import ServiceLifecycle

/// Memory that a peak of work needed and nobody needs any more. The allocator keeps it; this gives it back.
struct SpareMemory: Service {
    /// Milliseconds
    private static let interval: Int64 = 60_000
    /// Bytes that are worth the milliseconds that giving back takes.
    static let worthwhile = 32 << 20

    let clock: any HostClock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(milliseconds: Self.interval)) != nil { Self.giveBack() }
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
