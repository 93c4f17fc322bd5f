// A slab hands out ids for the elements it keeps. An id carries the generation of its place, so
// that one kept too long finds nothing instead of somebody else's element.
//
// Elements stand in chunks of 64 that never move: growing copies four bytes a place and not the
// elements, and a chunk whose last element leaves gives its memory back. Places are reused
// from the chunk that had room last, in O(1).
//
// These types are public and not package: only then is a generic type compiled for its element
// in the rooms above this one, which makes it twenty times as fast.

/// A place in a slab, which goes stale for good when its element is removed.
public struct SlabID: Hashable, Sendable {
    public let index: UInt32
    public let generation: UInt32

    @inlinable
    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The id that `raw` stands for, such as an epoll tag.
    @inlinable
    public init(raw: UInt64) {
        index = UInt32(truncatingIfNeeded: raw)
        generation = UInt32(truncatingIfNeeded: raw >> 32)
    }

    /// The id in 64 bits.
    ///
    /// Generations are odd, so no id is ever below 2^32.
    @inlinable
    public var raw: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// Storage with O(1) insert, find and remove, and ids that are safe to keep too long.
///
/// A generation comes again after its place was reused 2^31 times.
public struct Slab<Element: ~Copyable>: ~Copyable {
    /// By place: odd while an element is there, even while none is, and never the same twice.
    @usableFromInline
    var generations: [UInt32] = []
    /// By chunk: one bit a place.
    @usableFromInline
    var used: [UInt64] = []
    /// By chunk: its elements, if it has any.
    @usableFromInline
    var chunks: [SlabChunk<Element>?] = []
    /// The chunks with a free place, each once; the last one is filled first.
    @usableFromInline
    var roomy: [UInt32] = []
    /// The memory of a chunk that ran empty, kept so that one element that comes and goes at a
    /// chunk's border allocates nothing.
    @usableFromInline
    var spare: SlabChunk<Element>?

    @usableFromInline
    var elementCount = 0

    @inlinable
    public init() {}

    /// The elements in the slab.
    @inlinable
    public var count: Int { elementCount }

    @inlinable
    public var isEmpty: Bool { elementCount == 0 }

    /// Keeps `element` until its id is removed.
    @inlinable
    public mutating func insert(_ element: consuming Element) -> SlabID {
        if roomy.isEmpty { addChunk() }
        let chunk = Int(roomy[roomy.count - 1])
        let place = (~used[chunk]).trailingZeroBitCount
        used[chunk] |= 1 << UInt64(place)
        if used[chunk] == .max { roomy.removeLast() }
        memory(of: chunk).places[place] = consume element

        let index = chunk << 6 | place
        generations[index] &+= 1
        elementCount += 1
        assert(generations[index] & 1 == 1, "an element has an odd generation")
        return SlabID(
            index: UInt32(truncatingIfNeeded: index), generation: generations[index])
    }

    /// Gives up the element of `id`, or nothing if `id` is stale.
    @inlinable
    public mutating func remove(_ id: SlabID) -> Element? {
        guard contains(id) else { return nil }
        let (chunk, place) = (Int(id.index >> 6), Int(id.index & 63))
        let element = chunks[chunk]?.places[place].take()

        generations[Int(id.index)] &+= 1
        if used[chunk] == .max { roomy.append(id.index >> 6) }
        used[chunk] &= ~(1 << UInt64(place))
        if used[chunk] == 0 { spare = chunks[chunk].take() }
        elementCount -= 1
        return element
    }

    @inlinable
    public func contains(_ id: SlabID) -> Bool {
        // A free place has an even generation, which no id has.
        Int(id.index) < generations.count && generations[Int(id.index)] == id.generation
            && id.generation & 1 == 1
    }

    /// The element of `id`, in place; a stale `id` stops the process, so ask `contains` first.
    @inlinable
    public subscript(id: SlabID) -> Element {
        _read {
            precondition(contains(id), "a stale slab id")
            // Only `!` lends the payload of an optional without moving it.
            // swift-format-ignore: NeverForceUnwrap
            yield chunks[Int(id.index >> 6)]!.places[Int(id.index & 63)]!
        }
        _modify {
            precondition(contains(id), "a stale slab id")
            // swift-format-ignore: NeverForceUnwrap
            yield &chunks[Int(id.index >> 6)]!.places[Int(id.index & 63)]!
        }
    }

    /// The ids of all elements by place, as a list that stands still while elements are removed.
    public func ids() -> [SlabID] {
        var found: [SlabID] = []
        found.reserveCapacity(count)
        for (index, generation) in generations.enumerated() where generation & 1 == 1 {
            found.append(SlabID(index: UInt32(index), generation: generation))
        }
        return found
    }
}

extension Slab where Element: Copyable {
    /// A copy of the element of `id`, or nil if `id` is stale.
    @inlinable
    public func find(_ id: SlabID) -> Element? { contains(id) ? self[id] : nil }
}

extension Slab where Element: ~Copyable {
    @usableFromInline
    mutating func addChunk() {
        precondition(used.count < 1 << 26, "a slab has at most 2^32 places")
        roomy.append(UInt32(used.count))
        used.append(0)
        chunks.append(nil)
        for _ in 0..<64 { generations.append(0) }
    }

    @inlinable
    mutating func memory(of chunk: Int) -> SlabChunk<Element> {
        if let memory = chunks[chunk] { return memory }
        let fresh = spare.take() ?? SlabChunk()
        chunks[chunk] = fresh
        return fresh
    }
}

/// The elements of 64 places, at an address that does not change.
@usableFromInline
final class SlabChunk<Element: ~Copyable> {
    @usableFromInline
    var places = InlineArray<64, Element?> { _ in nil }

    @usableFromInline
    init() {}
}
