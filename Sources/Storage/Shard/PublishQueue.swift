import CommitLog
import Wire

/// Publishes that wait for their entries to be committed, which happens in the order of the log.
struct PublishQueue {
    struct Waiting {
        let caller: Caller
        let ticket: UInt64
        var parts: [PlacedPart]
        /// Entries that are not committed yet.
        var left: Int
        /// Whether somebody waits for the answer; it may have left already.
        let isAwaited: Bool
        /// What its records are known by, until they are committed.
        let keys: [PendingKeys.Key]
        /// The spread batch that it is a part of.
        var spread: SpreadID?
        /// In the order of the log, from 1 on.
        fileprivate(set) var number = 0

        init(
            _ caller: Caller, _ ticket: UInt64, _ parts: [PlacedPart], isAwaited: Bool,
            keys: [PendingKeys.Key]
        ) {
            self.caller = caller
            self.ticket = ticket
            self.parts = parts
            left = parts.count
            self.isAwaited = isAwaited
            self.keys = keys
        }

        init(_ caller: Caller, _ ticket: UInt64, _ parts: [PlacedPart], of spread: SpreadID) {
            self.init(caller, ticket, parts, isAwaited: true, keys: [])
            self.spread = spread
        }
    }

    /// In the order of the log; those before `first` are answered.
    private var queue: [Waiting] = []
    private var first = 0
    private var lastNumber = 0

    /// Adds a publish, and returns its number.
    mutating func add(_ waiting: Waiting) -> Int {
        lastNumber += 1
        queue.append(waiting)
        queue[queue.count - 1].number = lastNumber
        return lastNumber
    }

    /// Notes that the next part's entry is committed, and returns the publish that this completes.
    mutating func committed(at position: Int) -> Waiting? {
        precondition(first < queue.count, "what is committed was appended")
        let part = queue[first].parts.count - queue[first].left
        if case .held = queue[first].parts[part].place {
            let logTime = queue[first].parts[part].logTime
            queue[first].parts[part] = PlacedPart(
                place: .held(position: position), logTime: logTime)
        }
        queue[first].left -= 1
        guard queue[first].left == 0 else { return nil }
        let done = queue[first]
        first += 1
        if 2 * first > queue.count {
            queue.removeFirst(first)
            first = 0
        }
        return done
    }

    /// Gives up all, because nothing will be confirmed any more.
    mutating func removeAll() -> [Waiting] {
        defer { (queue, first) = ([], 0) }
        return Array(queue[first...])
    }
}
