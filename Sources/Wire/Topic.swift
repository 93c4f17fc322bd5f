package import Records

/// How safe a message is before its publisher is told.
package enum Durability: String, CaseIterable, Sendable {
    /// Flushed by every replica that counts.
    case replicated
    /// Flushed here.
    case flushed
    /// Taken, and lost if the process ends before its next flush.
    case buffered
}

/// What a topic is set to; durations are milliseconds.
package struct TopicSettings: Equatable, Sendable {
    package var partitions: Int
    /// Nothing keeps messages for ever.
    package var retention: Int?
    /// The least that is kept before the oldest go; nothing keeps all.
    package var retentionBytes: Int?
    package var messageSizeMax: Int
    package var durability: Durability
    package var compression: Compression
    package var dedupWindow: Int
    /// Bytes kept above which publishes are refused; nothing is no bound but the disk's.
    package var backlogMax: Int?

    package init(
        partitions: Int, retention: Int?, retentionBytes: Int?, messageSizeMax: Int,
        durability: Durability, compression: Compression, dedupWindow: Int, backlogMax: Int?
    ) {
        self.partitions = partitions
        self.retention = retention
        self.retentionBytes = retentionBytes
        self.messageSizeMax = messageSizeMax
        self.durability = durability
        self.compression = compression
        self.dedupWindow = dedupWindow
        self.backlogMax = backlogMax
    }
}

/// A moment at which a topic got more partitions.
package struct TopicGrowth: Equatable, Sendable {
    /// How many it had before.
    package let partitions: Int
    /// Milliseconds since 1970.
    package let at: Int

    package init(partitions: Int, at: Int) {
        self.partitions = partitions
        self.at = at
    }
}

/// A topic as the coordinator knows it, and everybody after it.
package struct Topic: Equatable, Sendable {
    /// Never used again, so that what is deleted never shows under the same name.
    package let id: UInt32
    package let name: String
    package var settings: TopicSettings
    /// The shard of each partition.
    package var shards: [UInt16]
    /// Milliseconds since 1970.
    package let createdAt: Int
    /// When it last got more partitions, the oldest first: as long as an Idempotency-Key can be known
    /// from before, its repeat may belong elsewhere.
    package var growths: [TopicGrowth]

    package init(
        id: UInt32, name: String, settings: TopicSettings, shards: [UInt16], createdAt: Int,
        growths: [TopicGrowth] = []
    ) {
        self.id = id
        self.name = name
        self.settings = settings
        self.shards = shards
        self.createdAt = createdAt
        self.growths = growths
    }
}

/// The settings of a topic that somebody wants to have; what is nil stays, or is the default.
package struct TopicChange: Equatable, Sendable {
    package var partitions: Int?
    /// Set to `.some(nil)` by a client that says `null`.
    package var retention: Int??
    package var retentionBytes: Int??
    package var messageSizeMax: Int?
    package var durability: Durability?
    package var compression: Compression?
    package var dedupWindow: Int?
    package var backlogMax: Int??

    package init() {}
}
