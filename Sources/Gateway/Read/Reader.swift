import Reactor
import Records

/// One request for messages until it is answered, or its stream until it ends.
///
/// Tens of thousands of them wait at once, so what many share is in their `Reading`, and the order of
/// what is left leaves no holes.
final class Reader {
    let caller: Exchange
    private let waitMilliseconds: UInt32
    let arrived: UInt64
    var reading: Reading?
    var timer: TimerID?
    let isStream: Bool
    /// Whether it is over: a timer that has fired may still name it.
    var isGone = false
    /// Whether storage was asked on its behalf, and has answered.
    var hasLooked = false
    /// Whether its stream has begun.
    var hasBegun = false
    /// Whether its client does not keep up.
    var isPaused = false
    private var holdsPlace = false
    private var topic: UInt32 = 0
    private var slotNumber: UInt32 = 0
    private var dueAfter: UInt32 = 0

    init(_ caller: Exchange, wait: UInt64, isStream: Bool, at now: UInt64) {
        self.caller = caller
        waitMilliseconds = UInt32(clamping: wait)
        self.isStream = isStream
        arrived = now
    }

    /// The wait it asked for, in milliseconds, as it was clamped.
    var wait: UInt64 { UInt64(waitMilliseconds) }

    /// When it is told that nothing came.
    var due: UInt64 {
        get { arrived + UInt64(dueAfter) }
        set { dueAfter = UInt32(clamping: newValue > arrived ? newValue - arrived : 0) }
    }

    /// Its place in the list of its reading.
    var slot: Int {
        get { Int(slotNumber) }
        set { slotNumber = UInt32(newValue) }
    }

    /// The topic that counts it among those that wait.
    var placeTopic: UInt32? {
        get { holdsPlace ? topic : nil }
        set {
            holdsPlace = newValue != nil
            topic = newValue ?? 0
        }
    }
}

/// The next offsets of the partitions that are read: of all of them, or of one.
struct ReadPlace: Hashable {
    var partition: UInt32?
    var offsets: [Int]
    /// Whether it matters that what was next is not kept any more.
    var isExact: Bool

    /// The number of the partition at `position`.
    func partition(at position: Int) -> UInt32 { partition ?? UInt32(position) }

    func cursor(of topic: UInt32) -> Cursor {
        if let partition {
            Cursor(topic: topic, .one(partition: partition, offset: offsets[0]))
        } else {
            Cursor(topic: topic, .all(offsets))
        }
    }
}

/// What a reader wants of what comes, and how.
struct ReadTaste {
    struct Key: Hashable {
        let filterText: [UInt8]
        let messagesMax: Int
        let bytesMax: Int
        let format: ReadFormat
    }

    let filter: Filter?
    let key: Key

    init(_ options: ReadOptions) {
        filter = options.filter
        key = Key(
            filterText: options.filterText, messagesMax: options.messagesMax,
            bytesMax: options.bytesMax, format: options.format)
    }
}

/// Why an answer ends where it does.
enum ReadEnding: String {
    case data, timeout, drain, limit
}
