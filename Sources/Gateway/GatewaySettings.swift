package import HTTP

/// What the gateway is told from outside, all of it checked before.
package struct GatewaySettings: Sendable {
    package var limits = HTTPLimits()
    package var timeouts = HTTPTimeouts()
    /// Connections that the process holds at once (503 beyond).
    package var connectionsMax = 10_000
    /// Connections that one address holds at once (503 beyond); 0 is no limit.
    package var connectionsPerAddressMax = 0
    /// Clients of a loop that are being told that they are too many; others are only closed.
    package var turnedAwayMax = 64
    /// Web origins whose pages may read answers; `*` is all of them, none is off.
    package var corsOrigins: [String] = []
    package var logsAccess = false
    /// Whether the first publish to a topic makes it.
    package var createsTopics = true
    /// How long a publish waits for its confirmation, in milliseconds; then nobody knows.
    package var publishTimeout: UInt64 = 10_000

    package init() {}
}
