import Glibc

/// The least that durable answers cost: one file that is written over from its beginning again and again, so that its
/// length stays, and is brought to disk once for all that came while the disk was busy.
final class CommitLog: @unchecked Sendable {
    private static let size = 64 << 20

    private let descriptor: Int32
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let synchronized = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var pending: [UInt8] = []
    private var offset = 0
    private var batch = 0
    private var done = -1
    private var isBusy = false

    init?(path: String) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(synchronized, nil)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for place in stride(from: 0, to: Self.size, by: zeros.count) {
            guard pwrite(descriptor, zeros, zeros.count, place) == zeros.count else { return nil }
        }
        guard fsync(descriptor) == 0 else { return nil }
    }

    /// Returns when the bytes are on the disk.
    func append(_ bytes: UnsafeRawBufferPointer) {
        pthread_mutex_lock(mutex)
        pending.append(contentsOf: bytes)
        let mine = batch
        while done < mine {
            if isBusy { pthread_cond_wait(synchronized, mutex) } else { synchronize() }
        }
        pthread_mutex_unlock(mutex)
    }

    /// Called with the mutex held, which is free while the disk works.
    private func synchronize() {
        let taken = pending
        let number = batch
        (pending, isBusy) = ([], true)
        batch += 1
        if offset + taken.count > Self.size { offset = 0 }
        let place = offset
        offset += taken.count
        pthread_mutex_unlock(mutex)
        guard pwrite(descriptor, taken, taken.count, place) == taken.count, fdatasync(descriptor) == 0 else {
            perror("the disk")
            exit(1)
        }
        pthread_mutex_lock(mutex)
        (done, isBusy) = (number, false)
        pthread_cond_broadcast(synchronized)
    }
}
