// A slab hands out ids for the elements it keeps. An id carries the generation of its place, so
// that one kept too long finds nothing instead of somebody else's element.
//
// Elements stand in chunks of 64 that never move: growing copies about four bytes a place, not
// the elements, and a chunk whose last element leaves gives its memory back. Places are reused
// from the chunk that had room last, in O(1).

/// A place in a slab, which goes stale for good when its element is removed.
package struct SlabID: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32

    @inlinable
    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The id that `raw` stands for, such as an epoll tag.
    @inlinable
    package init(raw: UInt64) {
        index = UInt32(truncatingIfNeeded: raw)
        generation = UInt32(truncatingIfNeeded: raw >> 32)
    }

    /// The id in 64 bits.
    ///
    /// Generations start at 1, so no id is ever below 2^32.
    @inlinable
    package var raw: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// Storage with O(1) insert, find and remove, and ids that are safe to keep too long.
///
/// A generation comes again after its place was reused 2^32 times.
package struct Slab<Element: ~Copyable>: ~Copyable {
    @usableFromInline
    var chunks: [SlabChunk<Element>] = []
    /// The chunks with a free place, each once; the last one is filled first.
    @usableFromInline
    var roomy: [UInt32] = []
    /// The memory of a chunk that ran empty, kept so that one element that comes and goes at a
    /// chunk's border allocates nothing.
    @usableFromInline
    var spare: SlabStorage<Element>?

    /// The elements in the slab.
    package private(set) var count = 0

    package init() {}

    @inlinable
    package var isEmpty: Bool { count == 0 }

    /// Keeps `element` until its id is removed.
    @inlinable
    package mutating func insert(_ element: consuming Element) -> SlabID {
        let (chunk, place) = claimPlace()
        chunks[chunk].elements(orFrom: &spare).places[place] = consume element
        noteInserted()
        let index = UInt32(truncatingIfNeeded: chunk << 6 | place)
        return SlabID(index: index, generation: chunks[chunk].generations[place])
    }

    /// Gives up the element of `id`, or nothing if `id` is stale.
    @inlinable
    package mutating func remove(_ id: SlabID) -> Element? {
        guard contains(id) else { return nil }
        let (chunk, place) = (Int(id.index >> 6), Int(id.index & 63))
        let element = chunks[chunk].elements?.places[place].take()
        releasePlace(chunk, place)
        return element
    }

    @inlinable
    package func contains(_ id: SlabID) -> Bool {
        let (chunk, place) = (Int(id.index >> 6), Int(id.index & 63))
        guard chunk < chunks.count else { return false }
        return chunks[chunk].used & (1 << UInt64(place)) != 0
            && chunks[chunk].generations[place] == id.generation
    }

    /// The element of `id`, in place; a stale `id` stops the process, so ask `contains` first.
    @inlinable
    package subscript(id: SlabID) -> Element {
        _read {
            precondition(contains(id), "a stale slab id")
            let elements = chunks[Int(id.index >> 6)].elements
            // Only `!` lends the payload of an optional without moving it.
            // swift-format-ignore: NeverForceUnwrap
            yield elements!.places[Int(id.index & 63)]!
        }
        _modify {
            precondition(contains(id), "a stale slab id")
            let elements = chunks[Int(id.index >> 6)].elements
            // swift-format-ignore: NeverForceUnwrap
            yield &elements!.places[Int(id.index & 63)]!
        }
    }

    /// The ids of all elements by place, as a list that stands still while elements are removed.
    package func ids() -> [SlabID] {
        var found: [SlabID] = []
        found.reserveCapacity(count)
        for chunk in chunks.indices {
            var left = chunks[chunk].used
            while left != 0 {
                let place = left.trailingZeroBitCount
                left &= left &- 1
                let index = UInt32(truncatingIfNeeded: chunk << 6 | place)
                found.append(SlabID(index: index, generation: chunks[chunk].generations[place]))
            }
        }
        return found
    }
}

extension Slab where Element: Copyable {
    /// A copy of the element of `id`, or nil if `id` is stale.
    @inlinable
    package func find(_ id: SlabID) -> Element? { contains(id) ? self[id] : nil }
}

extension Slab where Element: ~Copyable {
    @usableFromInline
    mutating func noteInserted() { count += 1 }

    /// Marks a free place as used.
    @usableFromInline
    mutating func claimPlace() -> (chunk: Int, place: Int) {
        if roomy.isEmpty { addChunk() }
        let chunk = Int(roomy[roomy.count - 1])
        let place = (~chunks[chunk].used).trailingZeroBitCount
        assert(place < 64, "a full chunk is not roomy")
        chunks[chunk].used |= 1 << UInt64(place)
        if chunks[chunk].used == .max { roomy.removeLast() }
        return (chunk, place)
    }

    /// Makes every id of the place stale and the place free.
    @usableFromInline
    mutating func releasePlace(_ chunk: Int, _ place: Int) {
        if chunks[chunk].used == .max { roomy.append(UInt32(chunk)) }
        chunks[chunk].used &= ~(1 << UInt64(place))
        let next = chunks[chunk].generations[place] &+ 1
        chunks[chunk].generations[place] = max(next, 1)
        count -= 1
        if chunks[chunk].used == 0 { spare = chunks[chunk].elements.take() }
    }

    private mutating func addChunk() {
        precondition(chunks.count < 1 << 26, "a slab has at most 2^32 places")
        roomy.append(UInt32(chunks.count))
        chunks.append(SlabChunk())
    }
}

/// What stays of 64 places when their elements are gone: the generations.
@usableFromInline
struct SlabChunk<Element: ~Copyable> {
    /// One bit a place.
    @usableFromInline
    var used: UInt64 = 0
    @usableFromInline
    var generations = InlineArray<64, UInt32>(repeating: 1)
    @usableFromInline
    var elements: SlabStorage<Element>?

    init() {}

    @inlinable
    mutating func elements(orFrom spare: inout SlabStorage<Element>?) -> SlabStorage<Element> {
        if let elements { return elements }
        let fresh = spare.take() ?? SlabStorage()
        elements = fresh
        return fresh
    }
}

/// The elements of one chunk, at an address that does not change.
@usableFromInline
final class SlabStorage<Element: ~Copyable> {
    @usableFromInline
    var places = InlineArray<64, Element?> { _ in nil }

    @usableFromInline
    init() {}
}
