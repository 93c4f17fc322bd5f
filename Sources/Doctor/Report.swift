import Bytes
import Settings

/// The judgement on a server, for people and for programs.
package struct Report: Equatable, Sendable {
    package let url: String
    package let finding: Finding
    package var isAlive = false
    /// Whether any answer came, so that this is a report and not an error.
    package var wasReached = false
    package var version: String?
    package var bodySizeMax: Int64?
    /// How far the server's clock is ahead, in milliseconds, where that is too much.
    package var clockLead: Int64?
    /// Whether one connection carried every answer, where there were several.
    package var keepsAlive: Bool?
    /// The second request, in nanoseconds.
    package var roundTrip: UInt64?

    package init(url: String, finding: Finding) {
        self.url = url
        self.finding = finding
    }

    /// Whether the server is alive, ready, and one of ours.
    package var isWell: Bool { finding == .well }
}

extension Report {
    /// The report for people, each line ended by a line feed.
    package func text(timeout: String) -> String {
        var text = message(timeout: timeout) + "\n"
        if let version { text += "version     \(version.plain)\n" }
        if let bodySizeMax, bodySizeMax >= 0 {
            text += "max body    \(HumanSize.format(Int(bodySizeMax)))\n"
        }
        if let roundTrip { text += "round trip  \(milliseconds(roundTrip)) ms\n" }
        if let keepsAlive {
            text += "keep-alive  \(keepsAlive ? "kept" : "not kept: it closed the connection")\n"
        }
        if let clockLead {
            let seconds = (clockLead.magnitude + 500) / 1_000
            text += "clock       \(seconds) s \(clockLead > 0 ? "ahead of" : "behind") ours\n"
        }
        return text
    }

    /// The report for programs: one object on one line.
    package func json(timeout: String) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("url", url)
        json.member("alive", isAlive)
        json.member("ready", isWell)
        json.member("message", message(timeout: timeout))
        json.member("version", version)
        json.member("keep_alive", keepsAlive)
        json.key("round_trip_ms")
        if let roundTrip { json.double(Double(roundTrip / 1_000) / 1_000) } else { json.null() }
        json.key("clock_lead_ms")
        if let clockLead { json.int(clockLead) } else { json.null() }
        json.endObject()
        json.endLine()
        return String(decoding: json.finish(), as: UTF8.self)
    }

    private func milliseconds(_ nanoseconds: UInt64) -> String {
        var digits: [UInt8] = []
        digits.append(decimal: nanoseconds / 1_000_000)
        digits.append(UInt8(ascii: "."))
        digits.append(decimal: nanoseconds / 10_000 % 100, digits: 2)
        return String(decoding: digits, as: UTF8.self)
    }
}
