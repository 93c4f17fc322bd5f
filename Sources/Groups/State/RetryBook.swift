// The messages that failed and are not settled: found by offset, and those that wait for their time by
// what is due first. Slots stand close together; a table of their numbers finds an offset, a heap of their
// numbers the first one due. All three grow by little, since half of a doubled array is for nothing: with
// a million in it, one takes less than 64 bytes.

package struct RetryBook: Sendable {
    struct Slot {
        var failure: Failure
        /// Its place in the heap and 1; 0 if it does not wait for its time.
        var heapPlace: UInt32 = 0
    }

    private(set) var slots: [Slot] = []
    /// Numbers of slots and 1; 0 is free.
    var table: [UInt32] = []
    /// Numbers of slots, each due no later than the two below it.
    private var heap: [UInt32] = []

    package init() {}

    package var count: Int { slots.count }
    /// Those that wait for their time.
    package var armedCount: Int { heap.count }
    /// What it really takes.
    package var allocatedSize: Int {
        slots.capacity * MemoryLayout<Slot>.stride + table.capacity * 4 + heap.capacity * 4
    }

    package subscript(offset: Int) -> Failure? {
        guard let slot = slot(of: offset) else { return nil }
        return slots[slot].failure
    }

    package func has(_ offset: Int) -> Bool { slot(of: offset) != nil }

    /// Those in a range, in no order.
    package func offsets(in range: Range<Int>) -> [Int] {
        if range.count > slots.count {
            return slots.map(\.failure.offset).filter { range.contains($0) }
        }
        return range.filter { has($0) }
    }

    /// All of them, in the order of their offsets.
    package var all: [Failure] { slots.map(\.failure).sorted { $0.offset < $1.offset } }

    /// Takes a failure, or what one has become; it does not wait for its time before it is armed.
    package mutating func put(_ failure: Failure) {
        if let slot = slot(of: failure.offset) {
            disarm(slot: slot)
            slots[slot].failure = failure
            return
        }
        if (slots.count + 1) * 8 > table.count * 7 { growTable() }
        if slots.capacity == slots.count {
            slots.reserveCapacity(slots.count + slots.count / 16 + 8)
        }
        slots.append(Slot(failure: failure))
        table[freePlace(for: failure.offset)] = UInt32(slots.count)
    }

    package mutating func remove(_ offset: Int) -> Failure? {
        guard let slot = slot(of: offset) else { return nil }
        disarm(slot: slot)
        let failure = slots[slot].failure
        clearTable(offset)
        moveLast(to: slot)
        return failure
    }

    // The last slot fills the hole, so that slots stay close together.
    private mutating func moveLast(to slot: Int) {
        let last = slots.removeLast()
        guard slot < slots.count else { return }
        table[place(of: last.failure.offset, slot: slots.count)] = UInt32(slot + 1)
        if last.heapPlace != 0 { heap[Int(last.heapPlace) - 1] = UInt32(slot) }
        slots[slot] = last
    }
}

// MARK: What waits for its time
extension RetryBook {
    /// The one that is due first.
    package var next: Failure? { heap.first.map { slots[Int($0)].failure } }

    /// How many are due by `date`, counted up to `most`.
    package func dueCount(at date: Int, upTo most: Int) -> Int {
        var count = 0
        var places = [0]
        while let place = places.popLast(), count < most {
            guard place < heap.count, slots[Int(heap[place])].failure.due <= date else { continue }
            count += 1
            places += [2 * place + 1, 2 * place + 2]
        }
        return count
    }

    package func isArmed(_ offset: Int) -> Bool {
        slot(of: offset).map { slots[$0].heapPlace != 0 } ?? false
    }

    /// Has a failure wait for its time.
    package mutating func arm(_ offset: Int) {
        guard let slot = slot(of: offset), slots[slot].heapPlace == 0 else { return }
        if heap.capacity == heap.count { heap.reserveCapacity(heap.count + heap.count / 16 + 8) }
        heap.append(UInt32(slot))
        slots[slot].heapPlace = UInt32(heap.count)
        rise(from: heap.count - 1)
    }

    /// Has it not wait any more.
    package mutating func disarm(_ offset: Int) {
        if let slot = slot(of: offset) { disarm(slot: slot) }
    }

    package mutating func disarmAll() {
        for slot in heap { slots[Int(slot)].heapPlace = 0 }
        heap.removeAll()
    }

    private mutating func disarm(slot: Int) {
        guard slots[slot].heapPlace != 0 else { return }
        let place = Int(slots[slot].heapPlace) - 1
        slots[slot].heapPlace = 0
        let last = heap.removeLast()
        guard place < heap.count else { return }
        set(last, at: place)
        sink(from: place)
        rise(from: place)
    }

    private mutating func rise(from start: Int) {
        var place = start
        while place > 0, comesFirst(heap[place], heap[(place - 1) / 2]) {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(from start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if comesFirst(heap[child], heap[least]) { least = child }
            }
            if least == place { return }
            swap(place, least)
            place = least
        }
    }

    private func comesFirst(_ left: UInt32, _ right: UInt32) -> Bool {
        let (left, right) = (slots[Int(left)].failure, slots[Int(right)].failure)
        return (left.due, left.offset) < (right.due, right.offset)
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        let slot = heap[one]
        set(heap[other], at: one)
        set(slot, at: other)
    }

    private mutating func set(_ slot: UInt32, at place: Int) {
        heap[place] = slot
        slots[Int(slot)].heapPlace = UInt32(place + 1)
    }
}
