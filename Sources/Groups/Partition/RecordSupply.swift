/// What the directory of a batch, and the group's filter, say about a record.
package struct RecordFacts: Equatable, Sendable {
    package var offset: Int
    /// Bytes, as they count for a pull.
    package var size: UInt32
    /// The hash of its key.
    package var key: UInt32?
    /// By the clock of the log; `.max` for never.
    package var expires: Int
    /// The filter takes it.
    package var isWanted: Bool

    package init(
        offset: Int, size: UInt32, key: UInt32? = nil, expires: Int = .max, isWanted: Bool = true
    ) {
        self.offset = offset
        self.size = size
        self.key = key
        self.expires = expires
        self.isWanted = isWanted
    }
}

/// All records of a partition from `range.lowerBound` up to its end, in order.
///
/// An offset in the range that has no record was dropped.
package struct RecordSupply: Sendable {
    package let range: Range<Int>
    package let facts: [RecordFacts]

    package init(_ range: Range<Int>, _ facts: [RecordFacts]) {
        self.range = range
        self.facts = facts
    }
}
