/// Records that fall due, the earliest first; a heap of 24 bytes each.
struct DueTimers {
    struct Timer: Comparable {
        let due: Int
        /// Of the held entry.
        let position: Int
        let record: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.due, left.position, left.record) < (right.due, right.position, right.record)
        }
    }

    private var heap: [Timer] = []

    var count: Int { heap.count }
    var first: Timer? { heap.first }

    mutating func add(_ timer: Timer) {
        heap.append(timer)
        var place = heap.count - 1
        while place > 0, heap[place] < heap[(place - 1) / 2] {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() -> Timer {
        precondition(!heap.isEmpty, "the caller has looked")
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if heap[child] < heap[least] { least = child }
            }
            if least == place { return first }
            heap.swapAt(place, least)
            place = least
        }
    }
}
