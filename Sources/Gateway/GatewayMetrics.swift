import HTTP
import Kernel
import Telemetry

/// The numbers of one loop: written by its thread alone, read by whoever is asked for them.
package final class GatewayMetrics: Sendable {
    static let placeCountMax = 32
    static let statusCountMax = 64

    let accepted = Counter()
    let refused = CounterRow<4>()
    let open = Gauge()
    let closed = CounterRow<8>()
    let receivedBytes = Counter()
    let sentBytes = Counter()
    /// By place and status.
    let requests = CounterRow<2_048>()
    /// By place.
    let durations = InlineArray<32, Histogram> { _ in Histogram(.requests) }
    let turns = Histogram(.work)
    let parked = Gauge()
    let wakeUps = Counter()
    let fetches = Counter()
    let readMessages = Counter()
    let readBytes = Counter()
    let pullsParked = Gauge()
    let pullWakeUps = Counter()
    let pullCalls = Counter()
    let settleCalls = Counter()
    let pulledMessages = Counter()
    let pulledBytes = Counter()
    /// By `SettleResult`.
    let settledMessages = CounterRow<4>()
    let droppedLogLines = Gauge()
    let publishedMessages = CounterRow<4>()
    let publishedBatches = Counter()
    let publishedBytes = Counter()
    let publishing = Gauge()
    /// Totals of the shards of the loop.
    let granted = Gauge()
    let settled = Gauge()
    let groupEntries = Gauge()
    let groupBytes = Gauge()
    let copiedLetters = Gauge()
    let uncopiedLetters = Gauge()
    let rounds = Gauge()
    let roundsByThread = Gauge()

    package init() {}

    /// Why a connection was not taken.
    enum Refusal: Int, CaseIterable {
        case process, address, descriptors

        var label: String {
            switch self {
            case .process: "process_limit"
            case .address: "address_limit"
            case .descriptors: "out_of_descriptors"
            }
        }
    }

    /// What became of a message that somebody wanted to publish.
    enum PublishResult: Int, CaseIterable {
        case stored, repeated, refused, unconfirmed

        var label: String { "\(self)" }
    }

    /// What became of messages that were leased.
    enum SettleResult: Int, CaseIterable {
        case acked, nacked, released

        var label: String { "\(self)" }
    }

    /// Adds what a turn has published, and says how many still wait.
    func add(_ counts: PublishCounts, inFlight: Int) {
        publishing.set(Int64(inFlight))
        if counts == PublishCounts() { return }
        publishedMessages.add(counts.messages, at: PublishResult.stored.rawValue)
        publishedMessages.add(counts.repeated, at: PublishResult.repeated.rawValue)
        publishedMessages.add(counts.refused, at: PublishResult.refused.rawValue)
        publishedMessages.add(counts.unconfirmed, at: PublishResult.unconfirmed.rawValue)
        publishedBatches.add(counts.batches)
        publishedBytes.add(counts.bytes)
    }

    func countRequest(at place: Int, _ status: HTTPStatus) {
        requests.add(at: Self.index(of: place, status))
    }

    static func index(of place: Int, _ status: HTTPStatus) -> Int {
        place * statusCountMax + Int(statusIndexes[status.code])
    }

    /// The index of a status among all of them, by its code.
    private static let statusIndexes: [UInt8] = {
        var indexes = [UInt8](repeating: 0, count: 600)
        for (index, status) in HTTPStatus.allCases.enumerated() {
            indexes[status.code] = UInt8(index)
        }
        return indexes
    }()
}

/// The same families over all loops, as Prometheus reads them.
struct MetricsPage {
    /// The path of each place, and the names for what has none.
    let places: [String]
    let loops: [GatewayMetrics]
    let version: String

    /// The page, in the pieces that it is sent in.
    func pieces() -> [[UInt8]] {
        let parts = [
            writeBuild, writeConnections, writeRequests, writePublishing, writeReads, writePulls,
            writeGroups, writeLoops, writeProcess,
        ]
        return parts.map { write in
            var page = Exposition()
            write(&page)
            return page.finish()
        }
    }

    func sum(_ value: (GatewayMetrics) -> UInt64) -> UInt64 {
        loops.reduce(0) { $0 &+ value($1) }
    }

    func sum(_ value: (GatewayMetrics) -> Int64) -> Int64 {
        loops.reduce(0) { $0 + value($1) }
    }

    private func writeProcess(_ page: inout Exposition) { ProcessStatus.now().write(to: &page) }

    private func writeBuild(_ page: inout Exposition) {
        page.family("posthorn_build_info", .gauge, "What is running; always 1.")
        page.sample(UInt64(1), ["version": version])
    }

    private func writeConnections(_ page: inout Exposition) {
        page.family("posthorn_http_connections", .gauge, "Connections that are open.")
        page.sample(sum { $0.open.value })
        page.family(
            "posthorn_http_connections_accepted_total", .counter, "Connections that were taken.")
        page.sample(sum { $0.accepted.value })
        page.family(
            "posthorn_http_connections_refused_total", .counter,
            "Connections that were not taken, by the limit that was reached.")
        for refusal in GatewayMetrics.Refusal.allCases {
            page.sample(sum { $0.refused[refusal.rawValue] }, ["reason": refusal.label])
        }
        page.family(
            "posthorn_http_connections_closed_total", .counter,
            "Connections that the server ended before the client did.")
        for reason in CloseReason.allCases {
            let count = sum { $0.closed[Int(reason.rawValue)] }
            page.sample(count, ["reason": reason.label.description])
        }
        page.family("posthorn_http_received_bytes_total", .counter, "Bytes read from clients.")
        page.sample(sum { $0.receivedBytes.value })
        page.family("posthorn_http_sent_bytes_total", .counter, "Bytes written to clients.")
        page.sample(sum { $0.sentBytes.value })
    }

    private func writeRequests(_ page: inout Exposition) {
        page.family(
            "posthorn_http_requests_total", .counter,
            "Requests that were answered, by route and status.")
        for (place, path) in places.enumerated() {
            for status in HTTPStatus.allCases {
                let index = GatewayMetrics.index(of: place, status)
                let count = sum { $0.requests[index] }
                if count > 0 { page.sample(count, ["route": path, "status": "\(status.code)"]) }
            }
        }
        page.family(
            "posthorn_http_request_duration_seconds", .histogram,
            "From the last byte of a request to the writing of its answer.")
        for (place, path) in places.enumerated() {
            var total = HistogramSum(.requests)
            for loop in loops { total.add(loop.durations[place]) }
            page.samples(total, ["route": path])
        }
    }

    private func writePublishing(_ page: inout Exposition) {
        page.family(
            "posthorn_published_messages_total", .counter,
            "Messages that somebody wanted to publish, by what became of them.")
        for result in GatewayMetrics.PublishResult.allCases {
            page.sample(sum { $0.publishedMessages[result.rawValue] }, ["result": result.label])
        }
        page.family(
            "posthorn_published_batches_total", .counter, "Batches that were sent to storage.")
        page.sample(sum { $0.publishedBatches.value })
        page.family(
            "posthorn_published_bytes_total", .counter,
            "Bytes of those batches, after compression.")
        page.sample(sum { $0.publishedBytes.value })
        page.family("posthorn_publishing", .gauge, "Publishes that wait for storage.")
        page.sample(sum { $0.publishing.value })
    }

    private func writeReads(_ page: inout Exposition) {
        page.family("posthorn_parked", .gauge, "Reads that wait for a message, and streams.")
        page.sample(sum { $0.parked.value })
        let families: [(String, String, (GatewayMetrics) -> UInt64)] = [
            (
                "posthorn_wake_ups_total", "Places where readers waited and news came.",
                { $0.wakeUps.value }
            ),
            ("posthorn_read_fetches_total", "Calls for messages to shards.", { $0.fetches.value }),
            (
                "posthorn_read_messages_total", "Messages read, once for each reader.",
                { $0.readMessages.value }
            ),
            (
                "posthorn_read_bytes_total", "Bytes of these messages as they rest.",
                { $0.readBytes.value }
            ),
        ]
        for (name, help, value) in families {
            page.family(name, .counter, help)
            page.sample(sum(value))
        }
    }

    private func writeLoops(_ page: inout Exposition) {
        page.family(
            "posthorn_loop_lag_seconds", .histogram,
            "How long a turn of a loop kept the next events waiting.")
        var turns = HistogramSum(.work)
        for loop in loops { turns.add(loop.turns) }
        page.samples(turns)
        page.family(
            "posthorn_log_lines_dropped_total", .counter,
            "Log lines lost because nobody read them in time.")
        page.sample(sum { $0.droppedLogLines.value })
    }
}
