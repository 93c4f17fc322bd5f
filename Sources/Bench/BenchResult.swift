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

    package var text: String {
        var text = "\(settings.workload.rawValue) on \(settings.url), "
        text += "\(settings.connections) connections\n"
        text += "rate      \(Int(tally.perSecond(tally.answers))) answers a second"
        if tally.messages > 0 {
            text += ", \(Int(tally.perSecond(tally.messages))) messages a second"
        }
        text += "\nlatency  "
        for (name, perMille) in Self.shares {
            guard let time = tally.latencies.within(perMille: perMille) else { continue }
            text += " \(name) \(milliseconds(time)) ms"
        }
        text += "\nclient    \(Int(clientShare * 100)) % of a core\n"
        for (status, count) in tally.refusals.sorted(by: { $0.key < $1.key }) {
            text += "REFUSED   \(count) answers with \(status)\n"
        }
        if tally.broken > 0 { text += "BROKEN    \(tally.broken) connections\n" }
        if tally.answers == 0 { text += "NOTHING was answered\n" }
        return text
    }

    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("workload")
        json.string(settings.workload.rawValue)
        json.key("url")
        json.string(settings.url.description)
        json.member("connections", settings.connections)
        json.member("body_bytes", settings.body)
        json.member("batch", settings.batch)
        json.member("answers", tally.answers)
        json.member("messages", tally.messages)
        json.member("seconds", Double(tally.nanoseconds) / 1e9)
        json.member("answers_per_second", tally.perSecond(tally.answers))
        json.member("messages_per_second", tally.perSecond(tally.messages))
        for (name, perMille) in Self.shares {
            json.key("\(name)_ms")
            if let time = tally.latencies.within(perMille: perMille) {
                json.double(Double(time) / 1e6)
            } else {
                json.null()
            }
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

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: Int) {
        key(name)
        int(Int64(value))
    }

    fileprivate mutating func member(_ name: String, _ value: Double) {
        key(name)
        double((value * 1_000).rounded() / 1_000)
    }
}
