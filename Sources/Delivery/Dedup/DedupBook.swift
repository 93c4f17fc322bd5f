// The Idempotency-Keys that a shard knows: a part of the fold of its log. Nothing here is needed for what
// is stored to be right; only a repeat of what was forgotten early is stored again.

import Bytes
package import CommitLog

package struct DedupLimits: Equatable, Sendable {
    /// Of a topic; beyond it the oldest are forgotten early.
    package let keysMax: Int
    /// Bytes of all topics of a shard, likewise.
    package let sizeMax: Int

    package init(keysMax: Int, sizeMax: Int) {
        self.keysMax = keysMax
        self.sizeMax = sizeMax
    }
}

package struct DedupBook: Sendable {
    package private(set) var limits: DedupLimits
    private var windows: [UInt32: DedupWindow] = [:]
    /// How long each topic's keys are known, as far as that was said.
    private var settings: [UInt32: Int] = [:]
    package private(set) var size = 0
    /// Keys that were forgotten before their time.
    package private(set) var forgotten = 0

    package init(_ limits: DedupLimits) {
        self.limits = limits
    }

    package var count: Int { windows.values.reduce(0) { $0 + $1.count } }
    package var allocatedSize: Int { windows.values.reduce(0) { $0 + $1.allocatedSize } }

    /// What is known of a key by `now`.
    package func find(_ hash: UInt64, of topic: UInt32, now: Int) -> DedupEntry? {
        windows[topic]?.find(hash, now: now)
    }

    package func has(_ topic: UInt32) -> Bool { windows[topic] != nil }

    /// Sets how long the keys of a topic are known; 0 is not at all.
    package mutating func set(window: Int, of topic: UInt32, now: Int) {
        settings[topic] = window
        guard windows[topic] != nil else { return }
        size -= windows[topic]?.size ?? 0
        _ = windows[topic]?.set(window: window, now: now)
        size += windows[topic]?.size ?? 0
        if windows[topic]?.count == 0 { windows[topic] = nil }
    }

    package mutating func note(_ entry: DedupEntry, of topic: UInt32) {
        guard settings[topic] != 0 else { return }
        if windows[topic] == nil {
            windows[topic] = DedupWindow()
            _ = windows[topic]?.set(
                window: settings[topic] ?? DedupWindow.windowMax, now: entry.logTime)
        }
        let before = windows[topic]?.size ?? 0
        windows[topic]?.expire(now: entry.logTime)
        forgotten += windows[topic]?.note(entry, keysMax: limits.keysMax) ?? 0
        size += (windows[topic]?.size ?? 0) - before
        if size > limits.sizeMax { shrink() }
    }

    /// Forgets what is over.
    package mutating func expire(now: Int) {
        for topic in windows.keys {
            windows[topic]?.expire(now: now)
            if windows[topic]?.count == 0 { windows[topic] = nil }
        }
        size = windows.values.reduce(0) { $0 + $1.size }
    }

    package mutating func forget(topic: UInt32) {
        size -= windows.removeValue(forKey: topic)?.size ?? 0
        settings[topic] = nil
    }

    /// Forgets the oldest buckets of all topics, and a few more than it must.
    private mutating func shrink() {
        let oldest = windows.flatMap { topic, window in
            window.buckets.map { (last: $0.last, topic: topic, size: $0.size) }
        }.sorted { ($0.last, $0.topic) < ($1.last, $1.topic) }
        for bucket in oldest where size > limits.sizeMax / 16 * 15 {
            forgotten += windows[bucket.topic]?.dropOldest() ?? 0
            size -= bucket.size
            if windows[bucket.topic]?.count == 0 { windows[bucket.topic] = nil }
        }
    }
}

extension DedupBook: Equatable {
    /// The same keys, kept in the same way.
    package static func == (left: Self, right: Self) -> Bool { left.windows == right.windows }

    private static let topicSize = 16
    private static let bucketSize = 16

    /// A section of a checkpoint, as in docs/log-format.md.
    package var body: [UInt8] {
        var bytes: [UInt8] = []
        for (topic, window) in windows.sorted(by: { $0.key < $1.key }) {
            bytes.append(littleEndian: topic)
            bytes.append(littleEndian: UInt32(window.buckets.count))
            bytes.append(littleEndian: UInt64(window.window))
            for bucket in window.buckets { bucket.encode(into: &bytes) }
        }
        return bytes
    }

    package init(_ body: [UInt8], _ limits: DedupLimits) throws(LogError) {
        self.init(limits)
        let bytes = body.span
        var place = 0
        while place < bytes.count {
            guard place + Self.topicSize <= bytes.count,
                let length = Int(exactly: bytes.uint64(at: place + 8))
            else { throw .damaged(.checkpoint) }
            let (topic, count) = (bytes.uint32(at: place), bytes.uint32(at: place + 4))
            place += Self.topicSize
            var window = DedupWindow()
            _ = window.set(window: length, now: 0)
            for _ in 0..<count { window.take(try Self.bucket(bytes, at: &place)) }
            size += window.size
            settings[topic] = length
            windows[topic] = window
        }
    }

    private static func bucket(
        _ bytes: Span<UInt8>, at place: inout Int
    ) throws(LogError) -> DedupBucket {
        guard place + bucketSize <= bytes.count, bytes.uint64(at: place) < 1 << 62
        else { throw .damaged(.checkpoint) }
        var bucket = DedupBucket(start: Int(bytes.uint64(at: place)))
        let count = Int(bytes.uint32(at: place + 8))
        place += bucketSize
        guard count <= DedupBucket.keysMax,
            count <= (bytes.count - place) / DedupBucket.encodedSize
        else { throw .damaged(.checkpoint) }
        for _ in 0..<count {
            bucket.decodeKey(bytes, at: place)
            place += DedupBucket.encodedSize
        }
        guard bucket.count == count else { throw .damaged(.checkpoint) }
        return bucket
    }
}
