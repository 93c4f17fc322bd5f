import Wire

/// Publishes that wait until the keeper has made room for them, in the order in which they came.
///
/// A disk that is slower for a moment than its clients makes them wait, and not hear that they have to
/// come again.
struct PublishLine {
    struct Place {
        let publish: Publish
        let ticket: UInt64
        let caller: Caller
        /// The spread batch that it is a part of.
        let spread: SpreadPrefix?
        let size: Int
        /// By the boot-time clock: then it is refused.
        let until: Int
    }

    private var places: [Place] = []
    private(set) var bytes = 0

    var isEmpty: Bool { places.isEmpty }
    var first: Place? { places.first }
    /// When the first one has waited long enough.
    var nextEnd: Int? { places.first?.until }

    /// Takes one more, if it has room for it.
    mutating func add(_ place: Place, _ limits: ShardLimits) throws(ShardRefusal) {
        guard places.count < limits.lineCountMax, bytes + place.size <= limits.lineSizeMax else {
            throw .overloaded
        }
        places.append(place)
        bytes += place.size
    }

    mutating func removeFirst() {
        bytes -= places.removeFirst().size
    }

    mutating func removeAll() -> [Place] {
        defer { self = PublishLine() }
        return places
    }
}
