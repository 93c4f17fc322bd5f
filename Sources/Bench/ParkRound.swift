/// Where a round of parked readers is: all ask, one message is published, and those it is for get it.
struct ParkRound {
    private(set) var publishedAt: UInt64 = 0
    private var answered = 0
    private var isConfirmed = false
    /// When the message is due.
    private(set) var publishAt: UInt64
    private(set) var isPublished = false
    /// How many get the message.
    private let deliveries: Int

    /// A round in which everybody has asked at `now`.
    init(deliveries: Int, pause: UInt64, at now: UInt64) {
        self.deliveries = deliveries
        publishAt = now + pause
    }

    /// Another reader had to ask again; it gets its time to be parked, too.
    mutating func delay(to time: UInt64) {
        if !isPublished { publishAt = max(publishAt, time) }
    }

    func isDue(at now: UInt64) -> Bool { !isPublished && now >= publishAt }

    mutating func publish(at now: UInt64) {
        precondition(!isPublished, "a round has one message")
        isPublished = true
        publishedAt = now
    }

    /// Notes that a reader has its message, and returns how long after it was published; nil if
    /// somebody else published one before.
    mutating func deliver(at now: UInt64) -> UInt64? {
        answered += 1
        return isPublished ? now - publishedAt : nil
    }

    /// Notes that the publish was answered, and returns how long that took.
    mutating func confirm(at now: UInt64) -> UInt64 {
        isConfirmed = true
        return now - publishedAt
    }

    /// Whether the message is where it should be, but for connections that are lost.
    func isOver(lost: Int) -> Bool { isConfirmed && answered + lost >= deliveries }
}
