import Core
import Objects
import Synchronization
import Wire

/// Encrypts and decrypts the bytes of an object with a key that the customer keeps. The key is never stored; beside the
/// object lie the nonces, one for it or one for each of its parts.
struct ObjectCipher: Sendable {
    private struct Segment: Sendable {
        var start: Int64
        var nonce: [UInt8]
    }

    private let key: [UInt8]
    /// In the order of the bytes.
    private let segments: [Segment]

    /// The cipher of an object; nil when its bytes lie as they are.
    ///
    /// - Parameter key: checked already.
    init?(_ key: CustomerKey, _ attributes: ObjectAttributes) {
        let encryption = Encryption(attributes)
        guard encryption.customerKeyMD5 != nil, let bytes = key.bytes else { return nil }
        self.key = bytes
        var segments: [Segment] = []
        var start: Int64 = 0
        for part in attributes.parts {
            if let nonce = part.nonce.flatMap(Self.nonce) { segments.append(Segment(start: start, nonce: nonce)) }
            start += part.size
        }
        if attributes.parts.isEmpty, let nonce = encryption.nonce.flatMap(Self.nonce) {
            segments = [Segment(start: 0, nonce: nonce)]
        }
        guard !segments.isEmpty else { return nil }
        self.segments = segments
    }

    /// The cipher of one part.
    init?(_ key: CustomerKey, nonce: String) {
        guard let bytes = key.bytes, let nonce = Self.nonce(nonce) else { return nil }
        self.key = bytes
        segments = [Segment(start: 0, nonce: nonce)]
    }

    private static func nonce(_ text: String) -> [UInt8]? {
        Base64.decode(text).flatMap { $0.count == CounterCipher.nonceSize ? $0 : nil }
    }

    static func newNonce(_ random: any RandomSource) -> String {
        Base64.encode((0..<2).flatMap { _ in withUnsafeBytes(of: random.nextUInt64()) { Array($0) } })
    }

    /// Encrypts what is plain, decrypts what is not.
    ///
    /// - Parameter offset: how many bytes of the object come before these.
    func apply(_ bytes: [UInt8], at offset: Int64) -> [UInt8] {
        if let only = segments.first, segments.count == 1 {
            return CounterCipher.apply(bytes, key: key, nonce: only.nonce, offset: offset - only.start)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = (segments.firstIndex { $0.start > offset } ?? segments.count) - 1
        while result.count < bytes.count {
            let place = offset + Int64(result.count)
            let segment = segments[index]
            let end = index + 1 < segments.count ? segments[index + 1].start : .max
            let count = min(Int64(bytes.count - result.count), end - place)
            let piece = Array(bytes[result.count..<result.count + Int(count)])
            result += CounterCipher.apply(piece, key: key, nonce: segment.nonce, offset: place - segment.start)
            index += 1
        }
        return result
    }

    /// What copying makes of bytes that are encrypted before, after or both; nil when it makes nothing of them.
    static func transform(_ source: ObjectCipher?, _ target: ObjectCipher?) -> ObjectStore.ByteTransform? {
        guard source != nil || target != nil else { return nil }
        return { bytes, from, to in
            let plain = source?.apply(bytes, at: from) ?? bytes
            return target?.apply(plain, at: to) ?? plain
        }
    }
}

/// The bytes of an encrypted object, decrypted as they are read.
final class DecryptedBytes: ByteChunkSource {
    private static let chunkSize: Int64 = 1 << 18

    private let store: ObjectStore
    private let content: ObjectContent
    private let cipher: ObjectCipher
    private let rest: Mutex<Range<Int64>>

    init(_ content: ObjectContent, _ range: Range<Int64>, _ cipher: ObjectCipher, in store: ObjectStore) {
        self.store = store
        self.content = content
        self.cipher = cipher
        rest = Mutex(range)
    }

    func next() async throws(AWSError) -> [UInt8]? {
        let piece = rest.withLock { rest in
            let end = min(rest.upperBound, rest.lowerBound + Self.chunkSize)
            defer { rest = end..<rest.upperBound }
            return rest.lowerBound..<end
        }
        guard !piece.isEmpty else { return nil }
        do {
            let bytes = try await store.read(content, piece)
            guard bytes.count == piece.count else { throw AWSError.incompleteBody() }
            return cipher.apply(bytes, at: piece.lowerBound)
        } catch {
            throw AWSError(objects: error)
        }
    }
}
