// Public and inlinable as `Slab` is, for every room to have it with its own owners.

/// Milliseconds of the boot-time clock, read once a turn, so that a turn sees one time.
public typealias Tick = UInt64

/// Names a timer until it fires or is cancelled, and nothing after that.
public struct TimerID: Equatable, Sendable {
    @usableFromInline
    let index: UInt32
    @usableFromInline
    let generation: UInt32

    @inlinable
    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// Deadlines in a hierarchy of wheels: O(1) to insert and to cancel, and no search for the next.
///
/// Eleven wheels of 64 slots cover all 64 bits of a tick; a slot of a wheel is as long as the whole
/// wheel below it. A timer stands in the wheel of the highest six bits in which it and the present
/// differ, and moves down when its slot is reached. So whatever stands in a lower wheel is due
/// before all that stands in a higher one, and no slot ever holds two turns of its wheel.
/// A timer fires at its tick or, when the loop comes late, after it: never before.
public struct TimerWheel<Owner> {
    /// In this order it has no holes, whether its owner is a reference or a number that may miss.
    @usableFromInline
    struct Node {
        @usableFromInline
        var due: Tick = 0
        @usableFromInline
        var owner: Owner?
        @usableFromInline
        var slot: UInt16 = 0
        @usableFromInline
        var next = UInt32.max
        @usableFromInline
        var previous = UInt32.max
        @usableFromInline
        var generation: UInt32 = 0

        @inlinable
        init() {}
    }

    @inlinable
    static var levelCount: Int { 11 }
    @inlinable
    static var none: UInt32 { .max }

    @usableFromInline
    var nodes: [Node] = []
    @usableFromInline
    var freeHead = none
    @usableFromInline
    var heads: [UInt32]
    /// A bit for each slot of a wheel that holds a timer.
    @usableFromInline
    var occupied: [UInt64]
    @usableFromInline
    var present: Tick
    @usableFromInline
    var size = 0

    /// The time as it was told last.
    @inlinable
    public var now: Tick { present }
    /// The timers that are set.
    @inlinable
    public var count: Int { size }

    @inlinable
    public init(now: Tick) {
        heads = [UInt32](repeating: Self.none, count: Self.levelCount * 64)
        occupied = [UInt64](repeating: 0, count: Self.levelCount)
        present = now
    }

    /// Schedules `owner` to be returned by `advance(to:into:)`, at the next tick at the earliest.
    @inlinable
    public mutating func insert(_ owner: Owner, at deadline: Tick) -> TimerID {
        let index = takeNode()
        nodes[Int(index)].owner = owner
        nodes[Int(index)].due = max(deadline, present + 1)
        link(index)
        size += 1
        return TimerID(index: index, generation: nodes[Int(index)].generation)
    }

    /// Forgets a timer; one that fired or was cancelled before is left alone.
    @inlinable
    public mutating func cancel(_ id: TimerID) {
        guard nodes[Int(id.index)].generation == id.generation else { return }
        unlink(id.index)
        freeNode(id.index)
    }

    /// Moves the present to `tick` and adds the owners of all timers that are due by then.
    @inlinable
    public mutating func advance(to tick: Tick, into expired: inout [Owner]) {
        while let (level, slot, start) = nextOccupied(), start <= tick {
            present = max(present, start)
            empty(level: level, slot: slot, into: &expired)
        }
        present = max(present, tick)
    }

    /// The first tick at which `advance` has something to do: a timer to fire, or to move down.
    @inlinable
    public var nextDue: Tick? { nextOccupied()?.start }

    // MARK: Slots

    @inlinable
    func nextOccupied() -> (level: Int, slot: Int, start: Tick)? {
        for level in 0..<Self.levelCount where occupied[level] != 0 {
            let shift = UInt64(level * 6)
            let slot = occupied[level].trailingZeroBitCount
            let start = (present >> shift & ~63 | UInt64(slot)) << shift
            return (level, slot, start)
        }
        return nil
    }

    @inlinable
    mutating func empty(level: Int, slot: Int, into expired: inout [Owner]) {
        let place = level * 64 + slot
        var index = heads[place]
        heads[place] = Self.none
        occupied[level] &= ~(1 << UInt64(slot))
        while index != Self.none {
            let next = nodes[Int(index)].next
            if nodes[Int(index)].due <= present {
                if let owner = nodes[Int(index)].owner { expired.append(owner) }
                freeNode(index)
            } else {
                link(index)
            }
            index = next
        }
    }

    @inlinable
    mutating func link(_ index: UInt32) {
        let due = nodes[Int(index)].due
        let level = (63 - ((due ^ present) | 1).leadingZeroBitCount) / 6
        let slot = Int(truncatingIfNeeded: due >> UInt64(level * 6)) & 63
        let place = level * 64 + slot
        let head = heads[place]
        nodes[Int(index)].slot = UInt16(place)
        nodes[Int(index)].next = head
        nodes[Int(index)].previous = Self.none
        if head != Self.none { nodes[Int(head)].previous = index }
        heads[place] = index
        occupied[level] |= 1 << UInt64(slot)
    }

    @inlinable
    mutating func unlink(_ index: UInt32) {
        let node = nodes[Int(index)]
        let place = Int(node.slot)
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        if node.previous != Self.none {
            nodes[Int(node.previous)].next = node.next
        } else {
            heads[place] = node.next
            if node.next == Self.none { occupied[place / 64] &= ~(1 << UInt64(place % 64)) }
        }
    }

    // MARK: Nodes

    @inlinable
    mutating func takeNode() -> UInt32 {
        guard freeHead != Self.none else {
            nodes.append(Node())
            return UInt32(nodes.count - 1)
        }
        let index = freeHead
        freeHead = nodes[Int(index)].next
        return index
    }

    @inlinable
    mutating func freeNode(_ index: UInt32) {
        nodes[Int(index)].owner = nil
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = freeHead
        freeHead = index
        size -= 1
    }
}
