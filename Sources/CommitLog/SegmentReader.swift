import Bytes

/// Which of a frame's checks are made.
///
/// All of them, always: the simulation switches single ones off to show that it notices.
package struct FrameChecks: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let payload = FrameChecks(rawValue: 1)
    package static let chain = FrameChecks(rawValue: 2)
    package static let all: FrameChecks = [.payload, .chain]
}

/// A frame as it was read, whole and checked.
package struct FoundFrame: Equatable, Sendable {
    package let header: FrameHeader
    /// With positions in the log.
    package let entries: [EntryPlace]
    /// Without header and padding.
    package let payload: [UInt8]

    /// What follows the head of an entry.
    package func body(of entry: EntryPlace) -> ArraySlice<UInt8> {
        let place = entry.position - header.position - LogFormat.frameHeaderSize
        return payload[place + LogFormat.entryHeadSize..<place + entry.size]
    }
}

/// Reads frames out of one segment, through a window of some size.
struct SegmentReader<File: LogFile> {
    let header: SegmentHeader
    private let file: File
    private var window: [UInt8] = []
    private var windowPlace = 0
    private let windowSize: Int

    init(_ header: SegmentHeader, file: File, windowSize: Int = 1 << 20) {
        self.header = header
        self.file = file
        self.windowSize = windowSize
    }

    /// Reads the frame at `position`, which follows one with `previousCRC`, or an unknown one.
    mutating func frame(
        at position: Int, previousCRC: UInt32?, epoch: UInt32, checks: FrameChecks
    ) throws(FrameFault) -> FoundFrame {
        let frame = try header(at: position)
        guard frame.epoch >= epoch else { throw .olderEpoch }
        guard frame.end <= self.header.limit else { throw .pastEnd }
        let start = position - self.header.start + LogFormat.frameHeaderSize
        let rest = try bytes(start..<frame.end - self.header.start)
        if checks.contains(.payload) {
            guard CRC32C.of(rest.span) == frame.payloadCRC else { throw .badPayload }
        }
        // After the payload: a frame that breaks the chain is otherwise whole, and proves damage.
        if checks.contains(.chain), let previousCRC {
            guard frame.previousCRC == previousCRC else { throw .brokenChain }
        }
        let payload = Array(rest[..<frame.payloadSize])
        let places = try EntryPlace.all(in: payload.span, count: frame.entryCount)
        let origin = position + LogFormat.frameHeaderSize
        let entries = places.map {
            EntryPlace(head: $0.head, position: origin + $0.position, size: $0.size)
        }
        return FoundFrame(header: frame, entries: entries, payload: payload)
    }

    /// Reads a header alone, which has to be of this segment and at its own position.
    mutating func header(at position: Int) throws(FrameFault) -> FrameHeader {
        precondition(position % LogFormat.blockSize == 0, "a frame begins on a block")
        guard position >= header.firstFrame, position < header.limit else { throw .pastEnd }
        let place = position - header.start
        try look(at: place..<place + LogFormat.frameHeaderSize)
        let start = place - windowPlace
        return try FrameHeader(
            decoding: window.span.extracting(start..<start + LogFormat.frameHeaderSize),
            at: position, salt: header.salt)
    }

    /// Finds the first header at or after `position` that is whole, and of no older epoch.
    mutating func header(from position: Int, epoch: UInt32) throws(LogError) -> FrameHeader? {
        for place in stride(from: position, to: header.limit, by: LogFormat.blockSize) {
            do throws(FrameFault) {
                let found = try header(at: place)
                if found.epoch >= epoch { return found }
            } catch .unsupported(let version) {
                throw .unsupported(.frame, version: version)
            } catch {
                continue
            }
        }
        return nil
    }

    private mutating func bytes(_ range: Range<Int>) throws(FrameFault) -> [UInt8] {
        if range.isEmpty { return [] }
        try look(at: range)
        return Array(window[range.lowerBound - windowPlace..<range.upperBound - windowPlace])
    }

    /// Brings the window over `range`, by whole blocks.
    private mutating func look(at range: Range<Int>) throws(FrameFault) {
        if windowPlace <= range.lowerBound, range.upperBound <= windowPlace + window.count {
            return
        }
        let start = range.lowerBound / LogFormat.blockSize * LogFormat.blockSize
        let needed = LogFormat.blocks(for: range.upperBound)
        guard needed <= file.size else { throw .pastEnd }
        if read(start..<min(max(needed, start + windowSize), file.size)) { return }
        // One bad block may not hide its neighbours.
        guard read(start..<needed) else { throw .unreadable }
    }

    private mutating func read(_ range: Range<Int>) -> Bool {
        do throws(LogError) {
            window = try file.read(range)
            windowPlace = range.lowerBound
            precondition(window.count == range.count, "a read is whole or fails")
            return true
        } catch {
            window = []
            return false
        }
    }
}
