import CCurl

/// libcurl's multi handle. Everything but ``wake()`` belongs to one thread.
final class Multi: @unchecked Sendable {
    struct Ended {
        var transfer: Transfer
        var code: CURLcode
    }

    // libcurl's handles are not typed as Sendable; `curl_multi_wakeup` is documented as callable from any thread.
    private let handle: UnsafeMutableRawPointer

    init() { handle = curl_multi_init() }

    deinit { curl_multi_cleanup(handle) }

    func wake() { curl_multi_wakeup(handle) }

    func limitConnections(_ count: Int) {
        millrace_curl_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, count)
    }

    /// The handle keeps the transfer until it has ended.
    func add(_ transfer: Transfer) {
        let context = Unmanaged.passRetained(transfer).toOpaque()
        millrace_curl_set_pointer(transfer.handle, CURLOPT_PRIVATE, context)
        curl_multi_add_handle(handle, transfer.handle)
    }

    func perform() -> [Ended] {
        var running: Int32 = 0
        curl_multi_perform(handle, &running)
        var ended: [Ended] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let context = millrace_curl_private(easy)
            else { continue }
            let code = millrace_curl_result(message)
            curl_multi_remove_handle(handle, easy)
            ended.append(Ended(transfer: Unmanaged<Transfer>.fromOpaque(context).takeRetainedValue(), code: code))
        }
        return ended
    }

    func poll(milliseconds: Int32) { curl_multi_poll(handle, nil, 0, milliseconds, nil) }
}
