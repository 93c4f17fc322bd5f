internal import Bytes

/// A cursor with one offset before it becomes text.
///
/// Each message that is published gets one, so it asks for no memory.
struct SmallCursor {
    /// Room for a byte for the kind, three numbers below 2^32 and two below 2^63, and the check.
    private var bytes = [40 of UInt8](repeating: 0)
    private var count = 0

    init(_ kind: UInt8, _ topic: UInt32) {
        append(kind)
        append(number: Int(topic))
    }

    private mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(number: Int) { eachByte(of: number) { append($0) } }

    /// Puts the check behind all that is there.
    mutating func close() {
        let sum = CRC32C.of(bytes.span.extracting(first: count))
        for index in 0..<Cursor.checkSize {
            append(UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))))
        }
    }

    func appendText(to text: inout [UInt8]) {
        Base64.url.append(bytes.span.extracting(first: count), to: &text)
    }

    var textSize: Int { Base64.url.textSize(of: count) }

    /// Writes over as many bytes from `place` on.
    func writeText(over text: inout MutableSpan<UInt8>, at place: Int) {
        Base64.url.write(bytes.span.extracting(first: count), over: &text, at: place)
    }
}

/// The cursors behind records that were published together: what they share is made once.
struct PublishedCursors {
    private let front: SmallCursor
    private let logTime: Int

    /// Of records in `partition` of `count`.
    init(topic: UInt32, count: Int, partition: UInt32, logTime: Int) {
        var front = SmallCursor(3, topic)
        front.append(number: count)
        front.append(number: Int(partition))
        self.front = front
        self.logTime = max(logTime, 0)
    }

    /// The place behind `offset`.
    subscript(after offset: Int) -> SmallCursor {
        var cursor = front
        cursor.append(number: offset + 1)
        cursor.append(number: logTime)
        cursor.close()
        return cursor
    }
}

/// Gives out seven bits of a number a byte, the lowest first, as few as there have to be.
@inline(__always)
func eachByte(of number: Int, _ take: (UInt8) -> Void) {
    precondition(number >= 0, "places are not negative")
    var left = UInt64(number)
    while left >= 0x80 {
        take(UInt8(truncatingIfNeeded: left) | 0x80)
        left >>= 7
    }
    take(UInt8(truncatingIfNeeded: left))
}
