// The body of a pointer, as in docs/log-format.md: 0 position of the held entry, then the numbers of
// its records, two bytes each.

import Bytes
import CommitLog

struct Pointer: Equatable {
    let position: Int
    let records: [UInt16]

    /// The bit of an entry's flags.
    static let flag: UInt8 = 2

    var body: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt64(position))
        for record in records { bytes.append(littleEndian: record) }
        return bytes
    }

    init(position: Int, records: [UInt16]) {
        self.position = position
        self.records = records
    }

    /// Reads the pointer whose entry, of `size` bytes and for `count` records, is at `place`.
    init?(in bytes: [UInt8], at place: Int, size: Int, count: Int) {
        let start = place + LogFormat.entryHeadSize
        guard size == LogFormat.entryHeadSize + 8 + 2 * count, place + size <= bytes.count,
            let position = Int(exactly: bytes.span.uint64(at: start))
        else { return nil }
        self.position = position
        records = (0..<count).map { bytes.span.uint16(at: start + 8 + 2 * $0) }
    }
}
