import Telemetry

/// How a desk's numbers become those of its loop.
extension ReadDesk {
    /// Adds what was counted since the last call.
    package mutating func report(to metrics: GatewayMetrics) {
        metrics.parked.set(Int64(counts.parked))
        metrics.wakeUps.add(counts.wakeUps - reported.wakeUps)
        metrics.fetches.add(counts.fetches - reported.fetches)
        metrics.readMessages.add(counts.messages - reported.messages)
        metrics.readBytes.add(counts.bytes - reported.bytes)
        reported = counts
    }
}
