import Bytes

// What the formats of the log's files share, beside the integers of Bytes.

extension Span<UInt8> {
    /// A number that has to be usable as a size, a position or a time.
    func position(at place: Int) -> Int? { Int(exactly: uint64(at: place)) }

    func matches(_ magic: StaticString, at place: Int) -> Bool {
        for (index, byte) in magic.description.utf8.enumerated() where self[place + index] != byte {
            return false
        }
        return true
    }
}

extension [UInt8] {
    mutating func set(_ magic: StaticString, at place: Int) {
        for (index, byte) in magic.description.utf8.enumerated() { self[place + index] = byte }
    }

    /// Writes the check sum of what stands before `place` since `start`.
    mutating func setChecksum(of start: Int = 0, at place: Int) {
        set(littleEndian: CRC32C.of(span.extracting(start..<place)), at: place)
    }
}
