/// What a loop has pulled and settled, for the numbers.
package struct PullCounts: Equatable, Sendable {
    /// Those that wait at this moment.
    package var parked = 0
    package var wakeUps: UInt64 = 0
    /// Calls for messages, and for settling them.
    package var calls: UInt64 = 0
    package var settleCalls: UInt64 = 0
    /// Messages that were given out, and their bytes.
    package var messages: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Messages that came back because their client had gone.
    package var released: UInt64 = 0
    package var acked: UInt64 = 0
    package var nacked: UInt64 = 0

    package init() {}
}
