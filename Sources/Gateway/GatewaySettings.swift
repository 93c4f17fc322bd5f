package import HTTP

/// What the gateway is told from outside, all of it checked before.
package struct GatewaySettings: Sendable {
    package var limits = HTTPLimits()
    package var timeouts = HTTPTimeouts()
    /// Connections that the process holds at once (503 beyond).
    package var connectionsMax = 10_000
    /// Connections that one address holds at once (503 beyond); 0 is no limit.
    package var connectionsPerAddressMax = 0
    /// Web origins whose pages may read answers; `*` is all of them, none is off.
    package var corsOrigins: [String] = []
    package var logsAccess = false

    package init() {}
}
