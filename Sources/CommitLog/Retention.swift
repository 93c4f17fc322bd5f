package import Records

/// How long a topic's messages are kept; the stricter of the two counts.
package struct RetentionRule: Equatable, Sendable {
    package var ageMax: Int?
    package var bytesMax: Int?

    package init(ageMax: Int? = nil, bytesMax: Int? = nil) {
        self.ageMax = ageMax
        self.bytesMax = bytesMax
    }
}

/// Decides where partitions begin, which segments may go, and what keeps the others.
///
/// A rule works on whole runs: a partition's part of a sealed segment goes when the last of it is due.
package struct Retention: Sendable {
    /// Sealed segments in order of position.
    package private(set) var segments: [SegmentSummary]
    /// The first offset that is wanted; nothing yet means all.
    package private(set) var starts: [PartitionID: Int] = [:]
    private var deleted: Set<UInt32> = []

    package init(segments: [SegmentSummary] = []) {
        self.segments = segments.sorted { $0.start < $1.start }
    }

    package mutating func sealed(_ segment: SegmentSummary) {
        precondition(segments.last.map { $0.limit <= segment.start } ?? true, "in order")
        segments.append(segment)
    }

    /// Moves the beginning of a partition, as a control record in the log said.
    package mutating func begin(_ partition: PartitionID, at offset: Int) {
        starts[partition] = max(starts[partition] ?? 0, offset)
    }

    /// Gives up all that a topic has; its number is never used again.
    package mutating func delete(topic: UInt32) {
        deleted.insert(topic)
        starts = starts.filter { $0.key.topic != topic }
    }

    package var deletedTopics: Set<UInt32> { deleted }

    /// Forgets that a topic is gone, once nothing on the disk is of it.
    package mutating func forget(topic: UInt32) { deleted.remove(topic) }

    /// Where each partition of `topic` should begin by its rule, at this log time, if that moves it.
    package func due(_ rule: RetentionRule, topic: UInt32, now: Int) -> [PartitionID: Int] {
        var runs: [PartitionID: [PartitionRun]] = [:]
        for segment in segments {
            for (partition, run) in segment.runs where partition.topic == topic {
                if isLive(run, of: partition) { runs[partition, default: []].append(run) }
            }
        }
        return runs.compactMapValues { runs in
            let bytes = runs.reduce(0) { $0 + $1.bytes }
            return Self.begin(of: runs, holding: bytes, rule, now: now)
        }
    }

    /// Where a partition with these runs, the oldest first, should begin, if that moves it; `holding` is
    /// what it has in all, in segments that are not sealed too.
    package static func begin(
        of runs: some Sequence<PartitionRun>, holding bytes: Int, _ rule: RetentionRule, now: Int
    ) -> Int? {
        var begin: Int?
        var bytes = bytes
        for run in runs {
            let isOld = rule.ageMax.map { run.maxTime < now - $0 } ?? false
            // The bound is what is kept at least: a run goes when the rest still reaches it.
            let isMuch = rule.bytesMax.map { bytes - run.bytes >= $0 } ?? false
            guard isOld || isMuch else { return begin }
            begin = run.endOffset
            bytes -= run.bytes
        }
        return begin
    }

    /// Segments below `position` that hold nothing wanted.
    ///
    /// `position` is that of the older kept checkpoint: control records above it are still needed.
    /// `pins` are segments that hold bodies for later, such as delayed messages.
    package func dead(below position: Int, pins: Set<Int> = []) -> [Int] {
        segments.filter {
            $0.limit <= position && !pins.contains($0.start) && liveBytes(in: $0) == 0
        }.map(\.start)
    }

    /// Forgets a segment; its file goes when no kept checkpoint lists it.
    package mutating func drop(_ start: Int) {
        precondition(segments.contains { $0.start == start }, "dropped once")
        segments.removeAll { $0.start == start }
    }

    /// Notes that a segment was rewritten, and has only these runs any more.
    package mutating func rewrote(_ summary: SegmentSummary) {
        guard let place = segments.firstIndex(where: { $0.start == summary.start }) else { return }
        segments[place] = summary
    }

    package func liveBytes(in segment: SegmentSummary) -> Int {
        segment.runs.reduce(0) { $0 + (isLive($1.value, of: $1.key) ? $1.value.bytes : 0) }
    }

    /// Dead bytes that stay on the disk for the sake of a partition's live ones in the same segment.
    ///
    /// Several in one segment share what they pin in proportion to what they want of it.
    package func pinnedBytes() -> [PartitionID: Int] {
        var pinned: [PartitionID: Int] = [:]
        for segment in segments {
            let live = liveBytes(in: segment)
            guard live > 0 else { continue }
            let dead = segment.runs.reduce(0) { $0 + $1.value.bytes } - live
            for (partition, run) in segment.runs where isLive(run, of: partition) {
                pinned[partition, default: 0] +=
                    Int(Double(dead) * Double(run.bytes) / Double(live))
            }
        }
        return pinned
    }

    /// Whether anything of a run is wanted, and so all of it.
    package func isLive(_ run: PartitionRun, of partition: PartitionID) -> Bool {
        !deleted.contains(partition.topic) && run.endOffset > starts[partition] ?? 0
    }
}
