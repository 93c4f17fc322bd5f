// A thread's log: lines gather in a buffer while a loop takes its turn and leave together at its
// end. Nothing here waits. A reader who does not keep up costs lines, which are counted and
// reported, and never costs a client anything.

internal import Bytes
internal import Kernel

/// Where whole lines go.
package protocol LogSink {
    /// Takes at most `LogLine.sizeMax` bytes of whole lines; false when that would block.
    mutating func write(_ bytes: ArraySlice<UInt8>) -> Bool
}

/// Standard error, in the manner of a loop that must not block.
package struct StandardErrorSink: LogSink {
    private let mayBlock: Bool

    /// A thread with nothing else to do, such as one that is about to end, may block.
    package init(mayBlock: Bool = false) { self.mayBlock = mayBlock }

    package func write(_ bytes: ArraySlice<UInt8>) -> Bool {
        StandardError.write(bytes, mayBlock: mayBlock)
    }
}

/// The log of one thread.
package struct Log: ~Copyable {
    /// Lines that wait for a slow reader of standard error; more are dropped.
    package static let bufferSizeMax = 256 << 10

    package let settings: LogSettings
    private var buffer: [UInt8] = []
    /// How much of `buffer` is written already.
    private var written = 0
    private var droppedSinceReport: UInt64 = 0
    /// The lines that were dropped since the start.
    package private(set) var dropped: UInt64 = 0

    package init(_ settings: LogSettings) { self.settings = settings }

    /// Writes a line of `level` with the fields that `fill` adds, which is only called if shown.
    package mutating func write(
        _ level: LogLevel, _ message: String, at milliseconds: Int64? = nil,
        _ fill: (inout LogLine) -> Void = { _ in }
    ) {
        guard settings.shows(level) else { return }
        guard buffer.count - written <= Self.bufferSizeMax - LogLine.sizeMax else {
            dropped += 1
            droppedSinceReport += 1
            return
        }
        append(level, message, at: milliseconds, fill)
    }

    package mutating func error(_ message: String, _ fill: (inout LogLine) -> Void = { _ in }) {
        write(.error, message, fill)
    }

    package mutating func warn(_ message: String, _ fill: (inout LogLine) -> Void = { _ in }) {
        write(.warn, message, fill)
    }

    package mutating func info(_ message: String, _ fill: (inout LogLine) -> Void = { _ in }) {
        write(.info, message, fill)
    }

    package mutating func debug(_ message: String, _ fill: (inout LogLine) -> Void = { _ in }) {
        write(.debug, message, fill)
    }

    package var isEmpty: Bool { written == buffer.count }

    /// Hands whole lines to `sink` until none are left or it would block; true if none are left.
    @discardableResult
    package mutating func flush(to sink: inout some LogSink) -> Bool {
        while written < buffer.count {
            let end = endOfPiece()
            guard sink.write(buffer[written..<end]) else {
                forgetWritten()
                return false
            }
            written = end
        }
        forgetWritten()
        if droppedSinceReport == 0 { return true }
        reportDropped()
        return flush(to: &sink)
    }

    /// Hands whole lines to standard error until none are left or it would block.
    @discardableResult
    package mutating func flush(mayBlock: Bool = false) -> Bool {
        var sink = StandardErrorSink(mayBlock: mayBlock)
        return flush(to: &sink)
    }

    /// The end of as many whole lines as one write may carry.
    private func endOfPiece() -> Int {
        let limit = min(buffer.count, written + LogLine.sizeMax)
        if limit == buffer.count { return limit }
        guard let lineFeed = buffer[written..<limit].lastIndex(of: .lf) else {
            preconditionFailure("a line is longer than a piece")
        }
        return lineFeed + 1
    }

    /// Moves what is left to the front once that costs less than it frees.
    private mutating func forgetWritten() {
        guard written > buffer.count / 2 || written == buffer.count else { return }
        buffer.removeFirst(written)
        written = 0
        if buffer.isEmpty && buffer.capacity > LogLine.sizeMax * 4 { buffer = [] }
    }

    private mutating func reportDropped() {
        let count = droppedSinceReport
        droppedSinceReport = 0
        append(.warn, "log lines dropped", at: nil) { $0.add("count", count) }
    }

    private mutating func append(
        _ level: LogLevel, _ message: String, at milliseconds: Int64?,
        _ fill: (inout LogLine) -> Void
    ) {
        var mine: [UInt8] = []
        swap(&mine, &buffer)
        var line = LogLine(
            message, level: level, format: settings.format, at: milliseconds ?? WallClock.now(),
            appendingTo: consume mine)
        fill(&line)
        buffer = line.finish()
    }
}
