import Wire

/// Keeps web pages of other origins, and names that were made to point here, away from the control plane.
struct BrowserGuard: Sendable {
    let hosts: HostNames
    let allowedOrigins: Set<String>

    /// Why a request to that name is turned away; nil when it may pass.
    func objectionToHost(of request: WireRequest) -> AWSError? {
        guard let host = request.headers["Host"], hosts.labels(host) == nil else { return nil }
        return AWSError(
            "AccessDenied",
            "The host name '\(HostNames.name(host))' is not one of this program's. Add it to its domains, or use its address.",
            status: 403)
    }

    /// Why a request of that page is turned away; nil when it may pass.
    func objectionToOrigin(of request: WireRequest) -> AWSError? {
        guard let origin = request.headers["Origin"] else {
            // Images, links and forms of other pages carry no origin, but browsers say where they come from.
            guard let site = request.headers["Sec-Fetch-Site"], site == "cross-site" else { return nil }
            return Self.foreign("another site")
        }
        guard !allowedOrigins.contains(origin), !allowedOrigins.contains("*") else { return nil }
        return isOwn(origin, request.headers["Host"]) ? nil : Self.foreign(origin)
    }

    private static func foreign(_ origin: String) -> AWSError {
        AWSError(
            "AccessDenied",
            "A web page of \(origin) may not call this program. Add its origin to the allowed ones if it should.",
            status: 403)
    }

    private func isOwn(_ origin: String, _ host: String?) -> Bool {
        guard let host, let scheme = origin.range(of: "://") else { return false }
        return origin[scheme.upperBound...].lowercased() == host.lowercased()
    }
}

extension String {
    /// The first place of the text.
    fileprivate func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
