// A slab hands out ids for the elements it keeps. An id carries the generation of its place, so
// that one kept too long finds nothing instead of somebody else's element.
//
// Generic types that other rooms use are `public`: the compiler specialises a `package` one only in
// its own room, and an access then costs seventeen times as much.

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
    /// Generations start at 1, so no id is ever below 2^32.
    @inlinable
    public var raw: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// Storage with O(1) insert, find and remove, and ids that are safe to keep too long.
///
/// Elements are small: references, or values of a few words. A generation comes again after its
/// place was reused 2^31 times.
public struct Slab<Element> {
    @usableFromInline
    var places: [Element?] = []
    /// Odd where a place holds an element, even where it is free.
    @usableFromInline
    var generations: [UInt32] = []
    @usableFromInline
    var free: [UInt32] = []

    @inlinable
    public init() {}

    /// The elements in the slab.
    @inlinable
    public var count: Int { places.count - free.count }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// Keeps `element` until its id is removed.
    @inlinable
    public mutating func insert(_ element: Element) -> SlabID {
        guard let index = free.popLast() else {
            precondition(places.count < Int(UInt32.max), "a slab has less than 2^32 places")
            places.append(element)
            generations.append(1)
            return SlabID(index: UInt32(places.count - 1), generation: 1)
        }
        places[Int(index)] = element
        generations[Int(index)] &+= 1
        return SlabID(index: index, generation: generations[Int(index)])
    }

    /// Gives up the element of `id`, or nothing if `id` is stale.
    @inlinable
    public mutating func remove(_ id: SlabID) -> Element? {
        guard let element = self[id] else { return nil }
        places[Int(id.index)] = nil
        generations[Int(id.index)] &+= 1
        free.append(id.index)
        return element
    }

    /// The element of `id`, or nil if `id` is stale.
    @inlinable
    public subscript(id: SlabID) -> Element? {
        // A free place has an even generation, which no id has.
        guard Int(id.index) < generations.count, generations[Int(id.index)] == id.generation else {
            return nil
        }
        return places[Int(id.index)]
    }

    /// All elements, as a list that stands still while they are removed.
    @inlinable
    public func all() -> [Element] { places.compactMap { $0 } }

    /// The same, each with its id.
    @inlinable
    public func pairs() -> [(id: SlabID, element: Element)] {
        places.indices.compactMap { index in
            places[index].map { element in
                (SlabID(index: UInt32(index), generation: generations[index]), element)
            }
        }
    }
}
