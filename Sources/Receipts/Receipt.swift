// What settles leased messages: the text that a client keeps for what it took. Any gateway can check it,
// and needs to have seen nothing before. docs/groups.md has every byte.
//
// A receipt names the messages; what becomes of them is the shard's to say, by the lease's generation.

package import Records

package struct Receipt: Equatable, Sendable {
    /// Messages that were taken together from one partition.
    package struct Part: Equatable, Sendable {
        package var partition: PartitionID
        /// Of the lease, as the shard numbers them.
        package var generation: UInt64
        /// In order, with something missing between any two.
        package var runs: [Range<Int>]

        package init(partition: PartitionID, generation: UInt64, runs: [Range<Int>]) {
            self.partition = partition
            self.generation = generation
            self.runs = runs
        }

        package func contains(_ offset: Int) -> Bool {
            runs.contains { $0.contains(offset) }
        }
    }

    /// Partitions that one pull takes from.
    package static let partsMax = 256
    /// Ranges of offsets in one part.
    package static let runsMax = 64
    /// Bytes of the text.
    package static let textSizeMax = 16 << 10

    package var group: UInt32
    /// At least one.
    package var parts: [Part]

    package init(group: UInt32, parts: [Part]) {
        self.group = group
        self.parts = parts
    }

    /// The receipt of one message of this one.
    package func only(_ offset: Int, ofPart index: Int) -> Receipt {
        var part = parts[index]
        part.runs = [offset..<offset + 1]
        return Receipt(group: group, parts: [part])
    }
}
