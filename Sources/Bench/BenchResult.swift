import Bytes
package import Settings

/// What a bench came to, for people and for programs.
package struct BenchResult: Sendable {
    package let settings: BenchSettings
    package let tally: Tally
    /// Of this process, on all cores.
    package let cpuNanoseconds: UInt64

    package init(settings: BenchSettings, tally: Tally, cpuNanoseconds: UInt64) {
        self.settings = settings
        self.tally = tally
        self.cpuNanoseconds = cpuNanoseconds
    }

    private static let shares: [(name: String, perMille: Int)] = [
        ("p50", 500), ("p90", 900), ("p99", 990), ("p999", 999), ("max", 1_000),
    ]

    /// Whether the server did all that it was asked for, and there was something to do.
    package var isClean: Bool {
        tally.isClean(needsMessages: settings.workload != .static)
    }

    private var isPark: Bool { settings.workload == .park }

    package var text: String {
        var text = "\(settings.workload.rawValue) on \(settings.url), "
        text += "\(settings.connections) connections\n"
        text += isPark ? parkRate : rate
        text += line("latency", tally.latencies)
        if isPark {
            text += line("publish", tally.publishes)
            text += line("everybody", tally.rounds)
        }
        text += "client     \(Int(clientShare * 100)) % of a core\n"
        for (status, count) in tally.refusals.sorted(by: { $0.key < $1.key }) {
            text += "REFUSED    \(count) answers with \(status)\n"
        }
        if tally.broken > 0 { text += "BROKEN     \(tally.broken) connections\n" }
        if tally.answers == 0 { text += "NOTHING was answered\n" }
        if tally.answers > 0, !isClean, tally.messages == 0 {
            text += "NOTHING was there to read\n"
        }
        return text
    }

    private var rate: String {
        var text = "rate       \(Int(tally.perSecond(tally.answers))) answers a second"
        if settings.workload != .static {
            text += ", \(Int(tally.perSecond(tally.messages))) messages a second"
        }
        if settings.workload == .read {
            text += ", \(Int(tally.perSecond(tally.bodyBytes) / 1e6)) MB of bodies a second"
        }
        return text + "\n"
    }

    private var parkRate: String {
        "rounds     \(tally.rounds.count), \(tally.answers) deliveries\n"
    }

    private func line(_ name: String, _ latencies: Latencies) -> String {
        var text = name.padded(to: 10)
        for (name, perMille) in Self.shares {
            guard let time = latencies.within(perMille: perMille) else { continue }
            text += " \(name) \(milliseconds(time)) ms"
        }
        return text + "\n"
    }

    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("workload", settings.workload.rawValue)
        json.member("url", settings.url.description)
        json.member("connections", settings.connections)
        json.member("body_bytes", settings.body)
        json.member("batch", settings.batch)
        json.member("format", settings.format.rawValue)
        json.member("answers", tally.answers)
        json.member("messages", tally.messages)
        json.member("seconds", Double(tally.nanoseconds) / 1e9)
        json.member("answers_per_second", tally.perSecond(tally.answers))
        json.member("messages_per_second", tally.perSecond(tally.messages))
        if settings.workload == .read {
            json.member("read_bytes", tally.bodyBytes)
            json.member("megabytes_per_second", tally.perSecond(tally.bodyBytes) / 1e6)
        }
        json.times("", tally.latencies, Self.shares)
        if isPark {
            json.member("rounds", Int(tally.rounds.count))
            json.times("publish_", tally.publishes, Self.shares)
            json.times("everybody_", tally.rounds, Self.shares)
        }
        json.member("client_cpu", clientShare)
        json.member("broken", tally.broken)
        json.key("refused")
        json.beginObject()
        for (status, count) in tally.refusals.sorted(by: { $0.key < $1.key }) {
            json.member("\(status)", count)
        }
        json.endObject()
        json.endObject()
        json.endLine()
        return String(decoding: json.finish(), as: UTF8.self)
    }

    /// Cores that this process kept busy; near the number of threads, it measures itself.
    private var clientShare: Double {
        tally.nanoseconds == 0 ? 0 : Double(cpuNanoseconds) / Double(tally.nanoseconds)
    }

    private func milliseconds(_ nanoseconds: UInt64) -> String {
        var digits: [UInt8] = []
        digits.append(decimal: nanoseconds / 1_000_000)
        digits.append(UInt8(ascii: "."))
        digits.append(decimal: nanoseconds / 1_000 % 1_000, digits: 3)
        return String(decoding: digits, as: UTF8.self)
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - utf8.count))
    }
}

extension JSONWriter {
    fileprivate mutating func times(
        _ prefix: String, _ latencies: Latencies, _ shares: [(name: String, perMille: Int)]
    ) {
        for (name, perMille) in shares {
            key("\(prefix)\(name)_ms")
            if let time = latencies.within(perMille: perMille) {
                double(Double(time) / 1e6)
            } else {
                null()
            }
        }
    }

    fileprivate mutating func member(_ name: String, _ value: Double) {
        key(name)
        double((value * 1_000).rounded() / 1_000)
    }
}
