/// What the driver of a log has to do next.
package enum LogStep: Equatable, Sendable {
    /// Nothing: a round is in flight, or nothing waits.
    case wait
    /// Make the next segment; the log is full until it is there.
    case needsSegment
    /// Write these bytes, flush their file, and say `flushed` or `failed`.
    case write(LogWrite)
}

/// Bytes to put into a segment's file, and where.
package struct LogWrite: Equatable, Sendable {
    /// The start, and so the name, of the segment.
    package let segment: Int
    /// In the segment's file.
    package let place: Int
    package let header: FrameHeader
    package let bytes: [UInt8]
}

/// A round that is safe; its entries are visible from here on.
package struct CommittedRound: Equatable, Sendable {
    package let header: FrameHeader
    /// None in a frame that is a mark only.
    package let entries: [EntryPlace]
    /// The whole frame, as it was written.
    package let bytes: [UInt8]
}
