package import HTTP

/// What a server is asked, in this order.
package enum Question: String, CaseIterable, Sendable {
    case health = "/healthz"
    case readiness = "/readyz"
    case limits = "/v1/limits"
    case service = "/"

    package var path: String { rawValue }

    /// The request as it is sent to the server that `authority` names.
    package func request(to authority: String) throws(HTTPError) -> [UInt8] {
        var writer = try RequestWriter(.get, path, host: authority)
        try writer.add("User-Agent", "posthorn-doctor")
        try writer.add("Accept", "*/*")
        writer.end()
        return writer.bytes
    }
}
