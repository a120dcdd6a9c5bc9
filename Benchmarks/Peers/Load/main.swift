// A load generator for one HTTP server of this machine. It shares the machine's processors with the server that it
// measures, so it costs little: one thread, one request in flight on each connection, and responses that are
// read and let go.
//
// --port N             of the server, on 127.0.0.1
// --request FILE       the request, head and body; `{nnnnnnnn}` in it stands for a rising number of ten digits
// --body FILE          a large body, sent behind what --request holds
// --connections N      kept alive while the server does
// --warm-up SECONDS    before those that count
// --seconds SECONDS    that count
// --requests N         at most so many, or so many messages with --delete
// --cycle N            numbers begin anew after so many
// --delete FILE        --request is a ReceiveMessage of SQS, FILE a DeleteMessageBatch with `{length}` and `{entries}`
//
// Prints one line of JSON: see `Report`.

import Glibc

do {
    let options = try Options(CommandLine.arguments.dropFirst())
    print(try Load(options).run().json)
} catch {
    let text = "PeersBenchmarkLoad: \(error.text)\n"
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(2)
}
