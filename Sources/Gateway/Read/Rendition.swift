import Bytes
import Records

/// Messages in the form their reader wants, written straight into bytes.
struct Rendition {
    let format: ReadFormat
    private let topic: [UInt8]
    /// Of the partition that the last message was of.
    private var json: MessageJSON?
    private(set) var body: [UInt8] = []
    private(set) var count = 0
    /// The size of the records, before they were written.
    var size = 0
    /// Whether one of the messages will expire.
    private(set) var hasExpiry = false

    init(_ format: ReadFormat, _ topic: [UInt8]) {
        self.format = format
        self.topic = topic
    }

    var isEmpty: Bool { count == 0 }

    /// Makes room for messages that come together, and for what ends a page.
    mutating func makeRoom(for count: Int, of size: Int) {
        let needed = body.count + size + count * format.sizeAround + Self.endSize
        guard needed > body.capacity else { return }
        body.reserveCapacity(max(needed, min(2 * body.capacity, Self.growthMax)))
    }

    private static let endSize = 256
    private static let growthMax = 4 << 20

    /// Appends a message; `next` is the place behind it.
    mutating func append(
        _ record: RecordView, _ entry: DirectoryEntry, in bytes: [UInt8], partition: UInt32,
        offset: Int, next: @autoclosure () -> Cursor
    ) {
        hasExpiry = hasExpiry || entry.flags.contains(.hasTTL)
        switch format {
        case .json:
            body.append(count == 0 ? "{\"messages\":[" : ",")
            append(record, in: bytes, partition, offset)
        case .lines:
            append(record, in: bytes, partition, offset)
            body.append(.lf)
        case .events:
            body.append("id: ")
            next().append(to: &body)
            body.append("\ndata: ")
            append(record, in: bytes, partition, offset)
            body.append("\n\n")
        case .frames, .storedFrames:
            let delivery = Delivery(partition: partition, offset: UInt64(offset))
            body.appendFrame(record, entry, in: bytes, delivery)
        }
        count += 1
    }

    /// Appends `count` records of a batch as it rests.
    mutating func append(first: Int, count: Int, of batch: ArraySlice<UInt8>, hasExpiry: Bool) {
        assert(format == .storedFrames)
        body.appendFrame(first: first, count: count, of: batch)
        self.count += count
        self.hasExpiry = self.hasExpiry || hasExpiry
    }

    private mutating func append(
        _ record: RecordView, in bytes: [UInt8], _ partition: UInt32, _ offset: Int
    ) {
        if json?.partition != partition { json = MessageJSON(topic: topic, partition: partition) }
        json?.append(record, at: offset, in: bytes, to: &body)
    }

    /// Ends what is not a stream.
    mutating func finish(next: Cursor, _ ending: ReadEnding, lag: Int) {
        switch format {
        case .json:
            body.append(count == 0 ? "{\"messages\":[]," : "],")
            append(next, ending, lag)
            body.append("}\n")
        case .lines, .events: break
        case .frames, .storedFrames:
            var summary = Rendition(.lines, topic)
            summary.body.append("{")
            summary.append(next, ending, lag)
            summary.body.append("}")
            body.appendFrame(summary: summary.body[...])
        }
    }

    private mutating func append(_ next: Cursor, _ ending: ReadEnding, _ lag: Int) {
        body.append("\"next\":\"")
        next.append(to: &body)
        body.append("\",\"ended\":\"")
        body.append(ending.rawValue)
        body.append("\",\"lag\":")
        body.append(decimal: UInt64(lag))
    }
}
