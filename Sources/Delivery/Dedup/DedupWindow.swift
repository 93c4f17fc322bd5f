// The Idempotency-Keys of one topic that are known: those of the last while, by the clock of the log.

/// Every key that is known, exactly as long as the window lasts.
///
/// What is forgotten goes by the bucket.
package struct DedupWindow: Equatable, Sendable {
    /// What a window lasts whose topic nobody has told about yet: the longest that there is.
    package static let windowMax = 24 * 3_600_000
    static let bucketsPerWindow = 16

    /// How long a key is known, in milliseconds.
    private(set) var window = Self.windowMax
    /// The oldest first.
    private(set) var buckets: [DedupBucket] = []
    package private(set) var count = 0
    private(set) var size = 0

    init() {}

    package func find(_ hash: UInt64, now: Int) -> DedupEntry? {
        for bucket in buckets.reversed() where bucket.last + window > now {
            if let found = bucket.find(hash) { return found.logTime + window > now ? found : nil }
        }
        return nil
    }

    /// Sets how long a key is known from here on.
    mutating func set(window: Int, now: Int) -> Int {
        self.window = min(max(window, 0), Self.windowMax)
        return expire(now: now)
    }

    /// Takes the key of a message that was stored; returns how many others go early for it.
    mutating func note(_ entry: DedupEntry, keysMax: Int) -> Int {
        let isFull =
            buckets.last.map {
                $0.count >= min(DedupBucket.keysMax, max(1, keysMax / Self.bucketsPerWindow))
                    || entry.logTime - $0.start >= max(1, window / Self.bucketsPerWindow)
            } ?? true
        if isFull {
            buckets.append(DedupBucket(start: entry.logTime))
            size += DedupBucket.fixedSize
        }
        let place = buckets.count - 1
        let before = buckets[place].count
        buckets[place].note(entry)
        let more = buckets[place].count - before
        count += more
        size += more * DedupBucket.keySize
        guard count > keysMax, buckets.count > 1 else { return 0 }
        return dropOldest()
    }

    /// Forgets what is over; returns how many keys that were.
    @discardableResult
    mutating func expire(now: Int) -> Int {
        var gone = 0
        while let first = buckets.first, first.last + window <= now { gone += dropOldest(first) }
        return gone
    }

    mutating func dropOldest() -> Int {
        guard let first = buckets.first else { return 0 }
        return dropOldest(first)
    }

    private mutating func dropOldest(_ first: DedupBucket) -> Int {
        buckets.removeFirst()
        count -= first.count
        size -= first.size
        return first.count
    }

    /// Takes over what a checkpoint has.
    mutating func take(_ bucket: DedupBucket) {
        buckets.append(bucket)
        count += bucket.count
        size += bucket.size
    }

    /// What it really takes.
    package var allocatedSize: Int { buckets.reduce(0) { $0 + $1.allocatedSize } }
}
