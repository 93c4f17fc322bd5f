/// A partition of a topic, by number.
package struct PartitionID: Hashable, Comparable, Sendable {
    package let topic: UInt32
    package let partition: UInt32

    package init(topic: UInt32, partition: UInt32) {
        self.topic = topic
        self.partition = partition
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(UInt64(topic) << 32 | UInt64(partition))
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}
