import Bytes
import Kernel
import Settings
import Testing

@testable import Gateway
@testable import HTTP
@testable import posthorn

@Suite("docs/limits.md")
struct LimitsPageTests {
    /// The first two cells of every row: name and value.
    static func rows() throws -> [(name: String, value: String)] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try TextFile.read("/\(root)/docs/limits.md", sizeMax: 1 << 20)
        let lines = String(decoding: page, as: UTF8.self).split(separator: "\n")
        return lines.filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|").map { String($0.dropFirst().dropLast()) }
            return (String(cells[0].dropFirst().dropLast()), cells[1])
        }
    }

    @Test("names each limit once")
    func names() throws {
        let names = try Self.rows().map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count > 40)
    }

    @Test("has the values that the code has, and no limit that the code has not")
    func values() throws {
        var known = codeLimits.merging(settingLimits()) { one, _ in one }
        for row in try Self.rows() {
            #expect(known.removeValue(forKey: row.name) == row.value, "\(row.name)")
        }
        #expect(known.keys.sorted() == [], "these are missing")
    }

    @Test("says for a room by itself what it says for the server")
    func defaults() throws {
        let descriptors = DescriptorPlan(total: 20_000, loops: 2, shards: 2)
        let settings = try ServeSettings(RawSettings()).gateway(descriptors)
        #expect(settings.limits == HTTPLimits() && settings.timeouts == HTTPTimeouts())
        #expect(settings.connectionsMax == descriptors.connectionsMax)
        #expect(HTTPStatus.allCases.count <= GatewayMetrics.statusCountMax)
    }

    /// Every setting that is a number, with its default and its range.
    private func settingLimits() -> [String: String] {
        var limits: [String: String] = [:]
        for setting in Setting.all {
            let range: String
            switch setting.kind {
            case .count(let counts): range = "\(counts.lowerBound) to \(counts.upperBound)"
            case .size(let sizes):
                range =
                    "\(HumanSize.format(sizes.lowerBound)) to \(HumanSize.format(sizes.upperBound))"
            case .duration(let times):
                range = "\(times.lowerBound.human) to \(times.upperBound.human)"
            case .listenAddress, .path, .url, .choice, .flag, .origins: continue
            }
            limits[setting.name] = "\(setting.defaultText), \(range)"
        }
        return limits
    }
}
