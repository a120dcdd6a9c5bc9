import NIOCore
import Testing
import Wire

@testable import Gateway

@Suite struct ResponseHeadTests {
    private static let values: [(value: String, bytes: [UInt8])] = [
        ("plain", Array("plain".utf8)), ("é_ÿ", [0xE9, 0x5F, 0xFF]), ("\u{80}", [0x80]),
        ("e\u{301}", [0x65, 0xCC, 0x81]),
        ("é—", [0xC3, 0xA9, 0xE2, 0x80, 0x94]), ("", []),
    ]

    @Test("values go in ISO-8859-1 where it has all their characters", arguments: values)
    func bytes(value: String, bytes: [UInt8]) {
        var buffer = ByteBuffer()
        ResponseHead(
            WireResponse(status: 200, headers: ["X": value]), date: "now", hasBody: true, isHead: false, chunks: true,
            keepsAlive: true
        ).write(to: &buffer)
        let wanted = Array("HTTP/1.1 200 OK\r\nX: ".utf8) + bytes + Array("\r\nDate: now\r\n".utf8)
        #expect(Array(buffer.readableBytesView.prefix(wanted.count)) == wanted)
    }
}
