import CCurl

/// libcurl's multi handle, once it is loaded. Everything but ``wake()`` belongs to one thread.
final class Multi: @unchecked Sendable {
    struct Ended {
        var transfer: Transfer
        var code: CURLcode
    }

    // libcurl's handles are not typed as Sendable; `curl_multi_wakeup` is documented as callable from any thread.
    private let handle: UnsafeMutableRawPointer

    init() { handle = mc_multi_init() }

    deinit { mc_multi_cleanup(handle) }

    func wake() { mc_multi_wakeup(handle) }

    func limitConnections(_ count: Int) {
        mc_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, count)
    }

    /// The handle keeps the transfer until it has ended.
    func add(_ transfer: Transfer) {
        let context = Unmanaged.passRetained(transfer).toOpaque()
        mc_set_pointer(transfer.handle, CURLOPT_PRIVATE, context)
        mc_multi_add_handle(handle, transfer.handle)
    }

    func perform() -> [Ended] {
        var running: Int32 = 0
        mc_multi_perform(handle, &running)
        var ended: [Ended] = []
        var left: Int32 = 0
        while let message = mc_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let context = mc_private(easy)
            else { continue }
            let code = mc_result(message)
            mc_multi_remove_handle(handle, easy)
            ended.append(Ended(transfer: Unmanaged<Transfer>.fromOpaque(context).takeRetainedValue(), code: code))
        }
        return ended
    }

    func poll(milliseconds: Int32) { mc_multi_poll(handle, milliseconds) }
}
