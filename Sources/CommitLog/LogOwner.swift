/// A state machine over one log, as the driver of its files sees it.
///
/// The driver writes and flushes what `nextWrite` gives, says so, and asks again; it does the chores
/// beside that. The owner touches no file and reads no clock.
package protocol LogOwner {
    /// The next round to write; a round is given out only when the one before was flushed.
    mutating func nextWrite(at moment: Moment) throws(LogError) -> LogStep

    /// Whether there may be something to write, though `nextWrite` may have to wait for a segment.
    var hasWaitingRound: Bool { get }

    /// Notes that the round in flight is on the disk.
    mutating func flushed(at moment: Moment)

    /// Notes that a write or a flush failed: nothing is confirmed any more.
    mutating func failed()

    /// Does what has fallen due.
    mutating func tick(at moment: Moment)

    /// When `tick` has to be called at the latest, on the boot-time clock.
    var nextDeadline: Int? { get }

    /// What is to be done beside the log since the last call, in this order.
    mutating func takeChores() -> [Chore]

    mutating func finished(_ report: ChoreReport, at moment: Moment)
}
