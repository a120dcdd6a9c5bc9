import AWSModels
import Synchronization
import Testing
import Wire

@Suite struct EventStreamTests {
    /// The example of the encoding's description: a frame of two bytes of payload and one header.
    @Test("frames have two checksums") func frame() throws {
        let frame = EventFrame(headers: [("content-type", "application/json")], payload: Array("{'foo':'bar'}".utf8))
        var bytes = frame.encoded()
        #expect(hexadecimalText(bytes.prefix(12)) == "0000003d0000002007fd8396")
        #expect(hexadecimalText(bytes.suffix(4)) == "8d9c08b1")
        let read = try #require(try EventFrame.take(from: &bytes))
        #expect(read.payload == frame.payload)
        #expect(read[header: "content-type"] == "application/json")
        #expect(bytes.isEmpty)
    }

    private func hexadecimalText(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("events go out and come back in order") func events() async throws {
        let model = Lambda.model
        let operation = try #require(model.operation(named: "InvokeWithResponseStream"))
        let count = Mutex(0)
        let output = Lambda.InvokeWithResponseStreamResponse {
            $0.statusCode = 200
            $0.eventStream = TypedEventStream { () throws(AWSError) in
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                switch number {
                case 1, 2:
                    return Lambda.InvokeWithResponseStreamResponseEvent {
                        $0.payloadChunk = Lambda.InvokeResponseStreamUpdate { $0.payload = Blob("part \(number)") }
                    }
                case 3:
                    return Lambda.InvokeWithResponseStreamResponseEvent {
                        $0.invokeComplete = Lambda.InvokeWithResponseStreamCompleteEvent { $0.errorCode = "Oops" }
                    }
                default: throw AWSError("Broken", "it broke")
                }
            }
        }
        let wire = ProtocolName.restJSON.implementation
        let response = try wire.encodeOutput(output.record, operation, of: model, requestID: "r")
        #expect(response.headers["Content-Type"] == "application/vnd.amazon.eventstream")
        let read = Lambda.InvokeWithResponseStreamResponse(
            record: try wire.decodeOutput(response, operation, of: model))
        let stream = try #require(read.eventStream)
        #expect(try await stream.next()?.payloadChunk?.payload == Blob("part 1"))
        #expect(try await stream.next()?.payloadChunk?.payload == Blob("part 2"))
        #expect(try await stream.next()?.invokeComplete?.errorCode == "Oops")
        await #expect(throws: AWSError.self) { try await stream.next() }
    }
}
