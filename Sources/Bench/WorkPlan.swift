// The requests of consumers: each pulls, and settles inside of it what its last pull brought.

import Bytes
import HTTP
import Settings

/// How messages of a group are asked for, and settled.
struct WorkPlan: Sendable {
    /// What a pull can name.
    static let topicsMax = 64
    /// Of the bodies of an answer; what stands around them comes on top.
    private static let pageSize = "8MiB"
    private static let acks = (
        before: Array(#"{"settle":{"acks":[""#.utf8), behind: Array(#""]}}"#.utf8)
    )
    private static let nothing = Array("{}".utf8)

    /// Of each group, up to the length of the body.
    private let fronts: [[UInt8]]
    let format: BenchFormat

    /// A plan for consumers that wait so long for a message; nil looks once.
    init(_ settings: BenchSettings, wait: Duration?) throws(HTTPError) {
        format = settings.format
        let names = (0..<min(settings.topics, Self.topicsMax)).map {
            "topic=\(settings.topic)-\($0)"
        }
        let page = "max_messages=\(settings.page)&max_bytes=\(Self.pageSize)"
        let options = "wait=\(wait?.human ?? "0")&\(page)&\(names.joined(separator: "&"))"
        var fronts: [[UInt8]] = []
        for number in 0..<max(settings.groups, 1) {
            let target = "/v1/groups/\(settings.group)-\(number)/pull?\(options)"
            var writer = try RequestWriter(.post, target, host: settings.url.authority)
            try writer.add("Accept", settings.format.mediaType)
            try writer.add("Content-Type", "application/json")
            fronts.append(writer.bytes)
        }
        self.fronts = fronts
    }

    /// Writes a pull of a group that acks `receipt`; one that settles nothing where that is empty.
    func write(group: Int, settling receipt: [UInt8], to request: inout [UInt8]) {
        let around = Self.acks.before.count + Self.acks.behind.count
        let size = receipt.isEmpty ? Self.nothing.count : around + receipt.count
        request.removeAll(keepingCapacity: true)
        request.append(contentsOf: fronts[group % fronts.count])
        request.append("Content-Length: ")
        request.append(decimal: UInt64(size))
        request.append("\r\n\r\n")
        guard !receipt.isEmpty else { return request.append(contentsOf: Self.nothing) }
        request.append(contentsOf: Self.acks.before)
        request.append(contentsOf: receipt)
        request.append(contentsOf: Self.acks.behind)
    }
}
