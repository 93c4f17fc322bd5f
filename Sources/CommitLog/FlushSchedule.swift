/// Group commit: one round in flight, and what arrives meanwhile shares the next one.
///
/// The flush before is the batching window; there is no timer. A write starts only when the flush of
/// the one before has ended, so at most one frame can be torn by a power cut. Recovery rests on that.
package struct FlushSchedule: Sendable {
    /// Everything below was flushed.
    package private(set) var durable: Int
    /// Everything below is safe on every copy that counts; readers see nothing above.
    package private(set) var committed: Int
    /// Where the round in flight ends.
    package private(set) var inFlight: Int?
    /// A flush failed, for good: the page cache cannot be trusted after that.
    package private(set) var isPoisoned = false

    /// Goes on behind a log that was flushed up to `position` before it was read.
    package init(resumingAt position: Int, committed: Int) {
        precondition(committed <= position, "what is not durable is not committed")
        durable = position
        self.committed = committed
    }

    package var isIdle: Bool { inFlight == nil && !isPoisoned }

    /// Notes that everything up to `end` is about to be written and flushed.
    package mutating func began(upTo end: Int) {
        precondition(isIdle, "one round at a time")
        precondition(end > durable, "a round adds to the log")
        inFlight = end
    }

    /// Notes that the round in flight is on the disk, and returns how far the log is durable.
    ///
    /// Late news after a failure changes nothing: nothing is confirmed any more.
    @discardableResult
    package mutating func flushed() -> Int {
        if isPoisoned { return durable }
        guard let end = inFlight else { preconditionFailure("a flush ended that never began") }
        (durable, inFlight) = (end, nil)
        return durable
    }

    /// Notes that every copy that counts has everything below `position`.
    package mutating func commit(upTo position: Int) {
        precondition(position <= durable, "this copy counts too")
        committed = max(committed, position)
    }

    /// Notes that a write or a flush failed; it is not tried again.
    package mutating func failed() { isPoisoned = true }
}
