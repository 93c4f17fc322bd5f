// Reads frames one after another. The reader holds places and never bytes; the same bytes are
// handed in with each call.

internal import Bytes

/// A pull parser of frames.
package struct FrameReader: Sendable {
    private var place: Int
    private let end: Int
    private let direction: FrameDirection

    /// Reads the frames in `range`, which is a whole body.
    package init(in range: Range<Int>, _ direction: FrameDirection) {
        place = range.lowerBound
        end = range.upperBound
        self.direction = direction
    }

    /// The next frame of `bytes`; nil behind the last.
    package mutating func next(_ bytes: Span<UInt8>) throws(RecordsError) -> Frame? {
        guard let (kind, content) = try nextPlace(bytes) else { return nil }
        switch kind {
        case .message: return .message(try MessageFrame(bytes, in: content, direction))
        case .batch: return .batch(try BatchFrame(bytes, in: content))
        case .summary: return .summary(content)
        }
    }

    /// What the next frame is, and where its content lies; nil behind the last.
    package mutating func nextPlace(
        _ bytes: Span<UInt8>
    ) throws(RecordsError) -> (kind: FrameKind, content: Range<Int>)? {
        precondition(end <= bytes.count, "the bytes do not shrink")
        while place < end {
            let (number, content) = try nextContent(bytes)
            if let kind = FrameKind(rawValue: number), kind.isFor(direction) {
                return (kind, content)
            }
            if direction == .fromClient { throw .unknownKind(number) }
        }
        return nil
    }

    private mutating func nextContent(
        _ bytes: Span<UInt8>
    ) throws(RecordsError) -> (UInt8, Range<Int>) {
        guard end - place >= FrameLayout.headSize else { throw .truncated }
        let size = Int(bytes.uint32(at: place))
        let start = place + FrameLayout.headSize
        guard size >= 1 else { throw .badSizes }
        guard size - 1 <= end - start else { throw .truncated }
        place = start + size - 1
        return (bytes[start - 1], start..<place)
    }
}

extension BatchFrame {
    package init(_ bytes: Span<UInt8>, in content: Range<Int>) throws(RecordsError) {
        guard content.count >= FrameLayout.batchHeadSize else { throw .truncated }
        first = Int(bytes.uint32(at: content.lowerBound))
        count = Int(bytes.uint32(at: content.lowerBound + 4))
        batch = content.dropFirst(FrameLayout.batchHeadSize)
        let header = try BatchHeader(bytes.extracting(content), at: FrameLayout.batchHeadSize)
        guard header.batchSize == batch.count, count >= 1, first + count <= header.count else {
            throw .badSizes
        }
    }
}
