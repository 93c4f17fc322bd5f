import Bytes

/// The object that says where a record went, on its way to be that of the next one.
///
/// A thousand records that follow each other differ in two numbers and a cursor: those are written over,
/// for as long as they need as many bytes.
struct NumberedObject {
    struct Places {
        /// Behind the digits of the offset, which is there twice.
        let offsetEnds: (Int, Int)
        let cursor: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    private var places = Places(offsetEnds: (0, 0), cursor: 0..<0)
    private var offset: Int?

    /// One that stands for no record yet.
    init() {}

    /// The one of the record at `offset`, as it was written.
    init(_ offset: Int, _ bytes: [UInt8], _ places: Places) {
        self.offset = offset
        self.bytes = bytes
        self.places = places
    }

    /// Makes it the object for `next`; false if that has to be written anew.
    mutating func advance(to next: Int, _ cursors: PublishedCursors) -> Bool {
        guard let offset, next == offset + 1 else { return false }
        let text = cursors[after: next]
        let (ends, cursor) = (places.offsetEnds, places.cursor)
        guard text.textSize == cursor.count else { return false }
        var bytes = bytes.mutableSpan
        guard Self.countUp(&bytes, before: ends.0), Self.countUp(&bytes, before: ends.1) else {
            return false
        }
        text.writeText(over: &bytes, at: cursor.lowerBound)
        self.offset = next
        return true
    }

    /// Adds one to the number whose digits end at `end`; false if it would need another digit.
    private static func countUp(_ bytes: inout MutableSpan<UInt8>, before end: Int) -> Bool {
        var place = end - 1
        while bytes[place] == UInt8(ascii: "9") {
            bytes[place] = UInt8(ascii: "0")
            place -= 1
        }
        guard bytes[place].isDigit else { return false }
        bytes[place] += 1
        return true
    }
}
