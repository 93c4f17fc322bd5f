/// How long a connection may take over what, in milliseconds.
package struct HTTPTimeouts: Equatable, Sendable {
    /// From the first byte of a head to its last (408 beyond).
    package var header: UInt64 = 10_000
    /// The window in which a body, or the reading of an answer, has to make progress.
    package var window: UInt64 = 10_000
    /// The progress it has to make, in bytes a second (408, or the end, below).
    package var rateMin: Int = 1_024
    /// Between requests.
    package var idle: UInt64 = 75_000
    /// Without an answer's bytes being taken.
    package var write: UInt64 = 30_000
    /// After the last answer, for the other side to read it and close.
    package var linger: UInt64 = 2_000

    package init() {}
}
