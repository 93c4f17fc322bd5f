// What a gateway asks of a shard. In one process these values go by hand or by mailbox; between
// processes they become frames. A shard never knows who its gateways' clients are.

package import Records

package enum ShardCall: Sendable {
    case publish(Publish)
    /// Says which records of a publish came before, and stores nothing.
    ///
    /// It goes to the shard in which they would have been before partitions were added. From then on
    /// that shard refuses publishes whose keys were placed by fewer partitions.
    case recall(Publish)
    case fetch(Fetch)
    /// Tells once, as soon as one of the partitions has an end beyond what is known of it.
    case watch(Watch)
    /// Takes back the watch that came with this ticket; one of a group, too.
    case unwatch(ticket: UInt64)
    /// Finds the first offset at or after a date.
    case locate(Locate)
    /// Says where partitions begin and end, and what they hold.
    case describe([PartitionID])
    /// A part of a batch that spans shards.
    case spread(SpreadCall)
    case group(GroupCall)
}

/// Batches that are stored together or not at all.
package struct Publish: Sendable {
    package struct Part: Equatable, Sendable {
        package let partition: PartitionID
        /// As a gateway encodes it, without a place in the log.
        package var batch: [UInt8]

        package init(partition: PartitionID, batch: [UInt8]) {
            self.partition = partition
            self.batch = batch
        }
    }

    package var parts: [Part]
    /// Whether the answer leaves before the flush.
    package var isBuffered: Bool
    /// The partitions that the topic had for whoever placed the keys; nothing where none was placed.
    package var partitionCount: Int?

    package init(parts: [Part], isBuffered: Bool = false, partitionCount: Int? = nil) {
        self.parts = parts
        self.isBuffered = isBuffered
        self.partitionCount = partitionCount
    }
}

/// Batches from several partitions, each from an offset on.
package struct Fetch: Sendable {
    package struct Part: Equatable, Sendable {
        package let partition: PartitionID
        package let offset: Int

        package init(partition: PartitionID, offset: Int) {
            self.partition = partition
            self.offset = offset
        }
    }

    package var parts: [Part]
    /// Bytes of stored batches, shared by the parts; each part that has something gets one at least.
    package var bytesMax: Int
    /// Records of each part, rounded up to whole batches: more than the reader wants are not brought.
    package var recordsMax: Int

    package init(parts: [Part], bytesMax: Int, recordsMax: Int = .max) {
        self.parts = parts
        self.bytesMax = bytesMax
        self.recordsMax = recordsMax
    }
}

/// Partitions, and the ends of them that the gateway knows.
package struct Watch: Sendable {
    package var parts: [Fetch.Part]

    package init(parts: [Fetch.Part]) {
        self.parts = parts
    }
}

package struct Locate: Sendable {
    package var partitions: [PartitionID]
    /// Log time, in milliseconds since 1970.
    package var time: Int

    package init(partitions: [PartitionID], time: Int) {
        self.partitions = partitions
        self.time = time
    }
}
