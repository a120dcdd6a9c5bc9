// The bound of each row: an HTTP server that does only what no server of the row can leave out on this machine. It knows
// nothing of AWS, decodes nothing and keeps nothing in order.
//
// GET  /small       answers with 1 KB
// GET  /large       answers with a file that the kernel sends by itself
// any  /answer…     reads the body and answers
// any  /durable…    answers when the body is on the disk, with all that came while the disk was busy
// any  /digest…     answers with the MD5 of the body, which is the ETag of an object
//
// --port N          on 127.0.0.1
// --large FILE      what /large answers with
// --folder DIR      on the disk that is written to

import Core
import Glibc

var settings: [String: String] = [:]
var words = CommandLine.arguments.dropFirst()
while let name = words.popFirst(), let value = words.popFirst() { settings[name] = value }
guard let port = settings["--port"].flatMap(UInt16.init), let large = settings["--large"],
    let folder = settings["--folder"]
else {
    print("usage: PeersBenchmarkBound --port N --large FILE --folder DIR")
    exit(2)
}
guard let log = CommitLog(path: "\(folder)/bound.log"), let file = LargeFile(path: large),
    let listener = listening(on: port)
else {
    perror("PeersBenchmarkBound")
    exit(1)
}
// A thread for each connection, which waits in the kernel: nothing has to find out who is ready.
while true {
    let descriptor = accept(listener, nil, nil)
    guard descriptor >= 0 else { continue }
    guard
        startDetachedThread(
            name: "connection",
            {
                var connection = BoundConnection(descriptor: descriptor, log: log, file: file)
                connection.serve()
            })
    else { exit(1) }
}

func listening(on port: UInt16) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    return result == 0 && listen(descriptor, 128) == 0 ? descriptor : nil
}
