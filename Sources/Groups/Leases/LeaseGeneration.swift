/// Which lease of a group and partition: no two ever have the same, whoever leads the shard.
///
/// The epoch of the log is above, a counter of the primary below; so one that comes later is greater.
package struct LeaseGeneration: Hashable, Comparable, Sendable {
    package static let counterBits: UInt64 = 40

    /// Of no lease.
    static let none = LeaseGeneration(raw: 0)

    package let raw: UInt64

    package init(raw: UInt64) { self.raw = raw }

    /// The first of an epoch.
    package init(epoch: UInt32) {
        raw = UInt64(epoch & 0xFF_FFFF) << Self.counterBits
    }

    package var next: Self {
        precondition(
            raw & (1 << Self.counterBits - 1) < 1 << Self.counterBits - 1,
            "a term of a trillion leases")
        return Self(raw: raw + 1)
    }

    /// Thirty-two bits of it, never 0, that are kept with a failure: eight of the epoch, the rest of the
    /// counter.
    package var mark: UInt32 {
        let epoch = UInt32(truncatingIfNeeded: raw >> Self.counterBits) << 24
        return max(1, epoch | UInt32(truncatingIfNeeded: raw) & 0xFF_FFFF)
    }

    /// Whether the lease with a mark came after this one, as far as so few bits tell: up to a hundred
    /// terms, or eight million leases of a term, lie between the two.
    func came(before mark: UInt32) -> Bool {
        let terms = Int8(truncatingIfNeeded: Int32(bitPattern: mark >> 24) - Int32(self.mark >> 24))
        if terms != 0 { return terms > 0 }
        return Int32(bitPattern: (mark &- self.mark) << 8) > 0
    }

    package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}
