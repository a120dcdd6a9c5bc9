import Core
import Testing
import Wire

/// Feeds decoders with damaged input: whatever comes, they answer or throw, and what they answer can be written again.
@Suite struct FuzzTests {
    private static let rounds = 3_000

    @Test("protocols", arguments: [ProtocolName.json10, .query, .restXML, .rpcV2CBOR])
    func protocols(name: ProtocolName) throws {
        let model = TestModel.model(name)
        let operation = TestModel.operation("PutThing", of: model)
        let wire = name.implementation
        let request = try wire.encodeInput(TestModel.thing(model), operation, of: model)
        guard case .bytes(let sound) = request.body.source else { return }
        var random = SeededRandom(seed: 4)
        var (read, refused) = (0, 0)
        for _ in 0..<Self.rounds {
            var damaged = request
            damaged.body = ByteStream(Self.damage(sound, &random))
            do throws(AWSError) {
                let input = try wire.decodeInput(damaged, operation, of: model)
                _ = Validator.violations(of: input)
                _ = try wire.encodeInput(input, operation, of: model)
                read += 1
            } catch {
                refused += 1
            }
        }
        #expect(read > 0)
        #expect(refused > 0)
    }

    @Test("event streams") func eventFrames() {
        let frame = EventFrame(headers: [(":message-type", "event"), (":event-type", "x")], payload: [1, 2, 3])
            .encoded()
        var random = SeededRandom(seed: 5)
        var broken = 0
        for _ in 0..<Self.rounds {
            var bytes = Self.damage(frame + frame, &random)
            do throws(AWSError) {
                while try EventFrame.take(from: &bytes) != nil {}
            } catch {
                broken += 1
            }
        }
        #expect(broken > Self.rounds / 2)
    }

    @Test("aws-chunked") func chunked() async {
        let sound = Array("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n".utf8)
        var random = SeededRandom(seed: 6)
        var (read, refused) = (0, 0)
        for _ in 0..<Self.rounds {
            let body = ChunkedBody(
                Pieces(Self.damage(sound, &random), size: 1 + Int(random.next() % 9)), signatures: nil,
                decodedLength: nil,
                trailer: .crc32)
            do throws(AWSError) {
                while try await body.next() != nil {}
                read += 1
            } catch {
                refused += 1
            }
        }
        #expect(refused > Self.rounds / 2)
        #expect(read + refused == Self.rounds)
    }

    @Test("patterns, paths, dates and headers") func texts() {
        let sound = [
            "(a|b)*[^c-e]{2,3}(?!x)", "/b/{Key+}?x=%20&y", "Sun, 22 Nov 2026 10:31:03 GMT", "20261122T103103Z",
        ]
        var random = SeededRandom(seed: 7)
        for _ in 0..<Self.rounds {
            for text in sound {
                let damaged = String(decoding: Self.damage(Array(text.utf8), &random), as: UTF8.self)
                _ = ConstraintPattern(damaged).matches("abcab")
                _ = PercentCoding.pairs(damaged)
                _ = URITemplate(damaged)
                _ = HTTPDate.parse(damaged)
                let request = WireRequest(
                    method: "GET", path: "/", query: damaged, headers: ["Authorization": "AWS4-HMAC-SHA256 \(damaged)"])
                _ = try? RequestSignature(request)
            }
        }
    }

    /// Bytes changed, doubled, cut out or cut off.
    private static func damage(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int(random.next() % 4) {
            guard !bytes.isEmpty else { return bytes }
            let position = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 5 {
            case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            case 2: bytes.remove(at: position)
            case 3: bytes.removeSubrange(position...)
            default: bytes.insert(contentsOf: bytes[..<min(bytes.count, position + 8)], at: position)
            }
        }
        return bytes
    }
}
