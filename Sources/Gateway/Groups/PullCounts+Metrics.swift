import Telemetry

/// How a desk's numbers become those of its loop.
extension PullDesk {
    /// Adds what was counted since the last call.
    package mutating func report(to metrics: GatewayMetrics) {
        metrics.pullsParked.set(Int64(counts.parked))
        if counts == reported { return }
        metrics.pullWakeUps.add(counts.wakeUps - reported.wakeUps)
        metrics.pullCalls.add(counts.calls - reported.calls)
        metrics.settleCalls.add(counts.settleCalls - reported.settleCalls)
        metrics.pulledMessages.add(counts.messages - reported.messages)
        metrics.pulledBytes.add(counts.bytes - reported.bytes)
        let results: [(GatewayMetrics.SettleResult, UInt64)] = [
            (.acked, counts.acked - reported.acked), (.nacked, counts.nacked - reported.nacked),
            (.released, counts.released - reported.released),
        ]
        for (result, count) in results { metrics.settledMessages.add(count, at: result.rawValue) }
        reported = counts
    }
}

extension MetricsPage {
    func writePulls(_ page: inout Exposition) {
        page.family("posthorn_pulls_parked", .gauge, "Pulls that wait for a message.")
        page.sample(sum { $0.pullsParked.value })
        let families: [(String, String, (GatewayMetrics) -> UInt64)] = [
            (
                "posthorn_pull_wake_ups_total", "Pulls that waited and were told of a message.",
                { $0.pullWakeUps.value }
            ),
            ("posthorn_pull_calls_total", "Calls of pulls to shards.", { $0.pullCalls.value }),
            (
                "posthorn_settle_calls_total",
                "Calls to shards with all that a turn settles there.", { $0.settleCalls.value }
            ),
            (
                "posthorn_pulled_messages_total", "Messages that were handed out.",
                { $0.pulledMessages.value }
            ),
            (
                "posthorn_pulled_bytes_total", "Bytes of these messages as they rest.",
                { $0.pulledBytes.value }
            ),
        ]
        for (name, help, value) in families {
            page.family(name, .counter, help)
            page.sample(sum(value))
        }
        page.family(
            "posthorn_settled_messages_total", .counter,
            "Messages that were acked, nacked, or given back because their client had gone.")
        for result in GatewayMetrics.SettleResult.allCases {
            page.sample(sum { $0.settledMessages[result.rawValue] }, ["result": result.label])
        }
    }
}
