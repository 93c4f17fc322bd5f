/// Where a log goes on: all that its next frame depends on.
package struct LogEnd: Equatable, Sendable {
    package var segment: SegmentHeader
    /// Where the next frame is written.
    package var position: Int
    /// headerCRC of the frame before.
    package var previousCRC: UInt32
    /// Of the last frame.
    package var epoch: UInt32
    package var logTime: Int
    /// The highest commit point in any frame, or known otherwise.
    package var committed: Int
    /// The segment ends with a seal; the log goes on in the next.
    package var isSealed: Bool

    /// The beginning of a log whose first segment was made and is durable.
    package init(fresh segment: SegmentHeader) {
        self.segment = segment
        position = segment.firstFrame
        previousCRC = 0
        epoch = segment.epoch
        logTime = segment.createdTime
        committed = segment.firstFrame
        isSealed = false
    }
}

extension LogEnd {
    /// The end without `frame` and all behind it, as when another copy of the log goes on without them.
    ///
    /// `erase` comes first: a frame that was whole once may not be found again.
    package func cut(before frame: FrameHeader, epoch: UInt32) -> LogEnd {
        precondition(frame.position >= committed, "committed frames are never cut")
        precondition(frame.position >= segment.firstFrame && frame.position < segment.limit)
        var end = self
        end.position = frame.position
        end.previousCRC = frame.previousCRC
        end.epoch = epoch
        end.isSealed = false
        return end
    }
}
