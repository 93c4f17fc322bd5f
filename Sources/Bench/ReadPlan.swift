// The requests of readers: all but the place where they go on is written once.

import Bytes
import HTTP
import Settings

/// How a page of a topic is asked for.
struct ReadPlan: Sendable {
    /// In small letters, as `BenchConnection.field` has names.
    static let nextField = Array("posthorn-next".utf8)
    static let endedField = Array("posthorn-ended".utf8)
    private static let after = Array("after=".utf8)
    /// Of the bodies of a page; what stands around them comes on top.
    private static let pageSize = "8MiB"

    /// Of each topic, up to where the place begins.
    private let fronts: [[UInt8]]
    /// The place of the first page.
    private let start: [UInt8]
    private let back: [UInt8]
    let format: BenchFormat
    /// Whether a reader that has come to the end begins again.
    let isCircular: Bool

    /// A plan for readers that wait so long for a message; nil looks once.
    init(
        _ settings: BenchSettings, from: BenchStart, wait: Duration?
    ) throws(HTTPError) {
        format = settings.format
        isCircular = from == .earliest
        start = Array("from=\(from.rawValue)".utf8)
        let page = "max_messages=\(settings.page)&max_bytes=\(Self.pageSize)"
        let options = "wait=\(wait?.human ?? "0")&\(page)"
        var fronts: [[UInt8]] = []
        var back: [UInt8] = []
        for number in 0..<settings.topics {
            let target = "/v1/topics/\(settings.topic)-\(number)/messages?\(options)&"
            var writer = try RequestWriter(.get, target, host: settings.url.authority)
            try writer.add("Accept", settings.format.mediaType)
            writer.end()
            let end = "GET ".utf8.count + target.utf8.count
            fronts.append(Array(writer.bytes[..<end]))
            back = Array(writer.bytes[end...])
        }
        self.fronts = fronts
        self.back = back
    }

    /// Writes the request for the page behind `cursor`; for the first one where that is empty.
    func write(topic: Int, after cursor: [UInt8], to request: inout [UInt8]) {
        request.removeAll(keepingCapacity: true)
        request.append(contentsOf: fronts[topic % fronts.count])
        if cursor.isEmpty {
            request.append(contentsOf: start)
        } else {
            request.append(contentsOf: Self.after)
            request.append(contentsOf: cursor)
        }
        request.append(contentsOf: back)
    }
}

extension BenchFormat {
    var mediaType: String {
        switch self {
        case .json: "application/json"
        case .ndjson: "application/x-ndjson"
        case .binary: "application/vnd.posthorn.batch"
        case .stored: "application/vnd.posthorn.batch;stored=1"
        }
    }
}
