import CCurl
import Glibc

/// One exchange under way.
final class Transfer {
    let job: HTTPClient.Job
    let handle: UnsafeMutableRawPointer
    private let policy: AddressPolicy
    /// The control port is open to this request, and to none that would come over the same connection.
    private let isPublic: Bool
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var gate = UnsafeMutablePointer<mc_gate>.allocate(capacity: 1)
    private var body: [UInt8] = []
    private var headers: [(name: String, value: String)] = []
    private var isTooLarge = false
    private var isRefused = false

    init?(_ job: HTTPClient.Job, policy: AddressPolicy, authorities: String?) {
        guard let handle = mc_easy_init() else { return nil }
        self.job = job
        self.handle = handle
        isPublic = policy.isPublic(job.request.url)
        var policy = policy
        if isPublic { policy.allowsControlPort = true }
        self.policy = policy
        gate.initialize(to: mc_gate())
        if let authorities { mc_set_text(handle, CURLOPT_CAINFO, authorities) }
        guard configure() else { return nil }
    }

    deinit {
        mc_easy_cleanup(handle)
        mc_slist_free_all(headerList)
        gate.deallocate()
    }

    private func configure() -> Bool {
        let request = job.request
        guard mc_set_text(handle, CURLOPT_URL, request.url) == CURLE_OK else { return false }
        mc_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        mc_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
        mc_set_long(handle, CURLOPT_TIMEOUT_MS, request.timeout)
        mc_set_long(handle, CURLOPT_NOSIGNAL, 1)
        if isPublic { mc_set_long(handle, CURLOPT_FORBID_REUSE, 1) }
        // A proxy of the environment would see what users send, and would be checked instead of the server.
        mc_set_text(handle, CURLOPT_PROXY, "")
        if request.method == "HEAD" { mc_set_long(handle, CURLOPT_NOBODY, 1) }
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            mc_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            _ = request.body.withUnsafeBytes {
                mc_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress))
            }
        }
        guard setHeaders(request.headers) else { return false }
        setCallbacks()
        return true
    }

    private func setHeaders(_ headers: [(name: String, value: String)]) -> Bool {
        // An empty `Expect` keeps libcurl from waiting for an interim response.
        for (name, value) in headers + [(name: "Expect", value: "")] {
            // What goes to the control port is known by its path, and may claim no other host.
            if isPublic, name.lowercased() == "host" { continue }
            let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
            guard !line.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else { return false }
            headerList = mc_slist_append(headerList, line)
        }
        return mc_set_pointer(handle, CURLOPT_HTTPHEADER, headerList) == CURLE_OK
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        mc_set_data(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.from(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        mc_set_pointer(handle, CURLOPT_WRITEDATA, context)
        mc_set_data(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.from(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        mc_set_pointer(handle, CURLOPT_HEADERDATA, context)
        gate.pointee.context = context
        gate.pointee.admits = { context, address in
            guard let address else { return 0 }
            let transfer = Transfer.from(context)
            let isAdmitted = transfer.policy.admits(address)
            if !isAdmitted { transfer.isRefused = true }
            return isAdmitted ? 1 : 0
        }
        mc_set_gate(handle, gate)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
    }

    // MARK: Receiving

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= job.request.responseLimit else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
        } else if headers.count < 256, let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let trimmed = value.last?.isNewline == true ? value.dropLast() : value
            headers.append((String(line[..<colon]), String(trimmed)))
        }
        return bytes.count
    }

    func result(_ code: CURLcode) -> Result<HTTPResponse, any Error> {
        let server = job.request.url.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//")
        if code == CURLE_OK {
            return .success(
                HTTPResponse(status: Int(mc_status(handle)), headers: headers, body: body))
        }
        if isRefused {
            return .failure(
                HTTPClientError(
                    .refusedAddress,
                    "\(server) is an address of this host's control plane or link-local, which may not be called"))
        }
        if isTooLarge {
            let limit = job.request.responseLimit
            return .failure(HTTPClientError(.tooLarge, "\(server) answered with more than \(limit) bytes"))
        }
        let reason = String(cString: mc_easy_strerror(code))
        let kind: HTTPClientError.Kind =
            switch code {
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR: .insecure
            case CURLE_URL_MALFORMAT: .invalidRequest
            default: .unreachable
            }
        return .failure(HTTPClientError(kind, "\(server): \(reason)"))
    }
}
