import CommitLog
import Storage

/// The one shard of a data directory, as a start finds it.
struct Shard {
    static let number: UInt32 = 0
    static let cluster = Identity(high: 3, low: 4)
    /// Small, so that a short run seals many.
    static let capacity = 512 << 10

    let directory: StoredDirectory
    let report: RecoveryReport
    /// Of all sealed segments.
    let summaries: [SegmentSummary]
    /// The number of the next entry.
    let next: Int

    static var limits: LogLimits {
        var limits = LogLimits()
        limits.payloadSizeMax = 128 << 10
        limits.roundSizeTarget = 64 << 10
        return limits
    }

    /// Opens what is there; a directory without a cookie is new, and gets a first segment.
    init(at path: String) throws(LogError) {
        let home = try LogHome(path)
        directory = try home.directory(ofShard: Self.number)
        if try !home.files.names().contains(Cookie.name) { try Self.make(home, directory) }
        _ = try Cookie(decoding: try home.files.readFile(Cookie.name))
        var recovery = try LogRecovery(directory, shard: Self.number, cluster: Self.cluster)
        let checkpointed = recovery.checkpoint?.position ?? 0
        var next = Self.count(in: recovery.checkpoint)
        var seals: [Int] = []
        while let frame = try recovery.next() {
            if frame.header.position >= checkpointed { next += frame.entries.count }
            if frame.header.kind == .seal { seals.append(frame.header.position) }
        }
        report = recovery.report()
        var summaries = recovery.summaries
        let segments = try SegmentList(of: directory, shard: Self.number, cluster: Self.cluster)
        for segment in seals.compactMap({ segments.segment(at: $0)?.header })
        where !summaries.contains(where: { $0.start == segment.start }) {
            summaries.append(try directory.makeIndex(of: segment, in: segments))
        }
        self.next = next
        self.summaries = summaries
    }

    private static func make(_ home: LogHome, _ directory: StoredDirectory) throws(LogError) {
        let first = SegmentHeader(
            shard: number, start: 0, capacity: capacity, salt: 1, epoch: 1, createdTime: 0,
            cluster: cluster)
        _ = try directory.makeSegment(first)
        let cookie = Cookie(
            shardCount: 1, cluster: cluster, node: cluster, incarnation: 1, createdTime: 0)
        try home.files.makeFile(Cookie.name, cookie.encoded())
    }

    /// The state of a checkpoint is the number of entries below it.
    static func state(_ count: Int) -> CheckpointSection {
        CheckpointSection(kind: CheckpointSection.state, body: Array(String(count).utf8))
    }

    private static func count(in checkpoint: Checkpoint?) -> Int {
        let body = checkpoint?.section(CheckpointSection.state) ?? []
        return Int(String(decoding: body, as: UTF8.self)) ?? 0
    }
}
