// The frames of `application/vnd.posthorn.batch`, little-endian, as docs/binary-batches.md has them:
//
//     frame: 0 size 4 (of the rest)    4 kind 1    5 content
//     field of a message: 0 number 1    1 size 4 (of the value)    5 value

/// What a frame is.
package enum FrameKind: UInt8, CaseIterable, Sendable {
    case message = 1
    case batch = 2
    case summary = 3

    func isFor(_ direction: FrameDirection) -> Bool { self != .summary || direction == .toClient }
}

/// What a field of a message is.
package enum FrameField: UInt8, CaseIterable, Sendable {
    case body = 1
    case key = 2
    case contentType = 3
    case attribute = 4
    case partition = 5
    case ttl = 6
    case delay = 7
    case deliverAt = 8
    case offset = 16
    case publishedAt = 17
    case topic = 18
    case attempt = 19
    case receipt = 20

    package func isFor(_ direction: FrameDirection) -> Bool {
        switch self {
        case .body, .key, .contentType, .attribute, .partition, .ttl: true
        case .delay, .deliverAt: direction == .fromClient
        case .offset, .publishedAt, .topic, .attempt, .receipt: direction == .toClient
        }
    }
}

/// Who sent the frames; what they may have in them differs.
package enum FrameDirection: Equatable, Sendable {
    /// What is unknown is refused.
    case fromClient
    /// What is unknown is skipped.
    case toClient
}

package enum FrameLayout {
    package static let sizeWidth = 4
    /// Of the size and the kind.
    package static let headSize = 5
    /// Of the number and the size of a field.
    package static let fieldHeadSize = 5
    package static let attributeNameWidth = 2
    /// Of the first record and the count in front of a batch.
    package static let batchHeadSize = 8
}

/// A frame where it lies.
package enum Frame: Equatable, Sendable {
    case message(MessageFrame)
    case batch(BatchFrame)
    /// Where the JSON is.
    case summary(Range<Int>)
}

/// A batch as it rests, and which of its records are meant.
package struct BatchFrame: Equatable, Sendable {
    package var first: Int
    package var count: Int
    package var batch: Range<Int>
}
