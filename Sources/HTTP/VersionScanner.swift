import Bytes

/// Reads `HTTP/`, a digit, a dot and a digit.
///
/// Each byte is checked at its own place, so a wrong one is refused when it is seen.
struct VersionScanner {
    // The usual versions and the start of all of them as they lie in memory, first byte lowest.
    private static var http11: UInt64 { 0x312E_312F_5054_5448 }
    private static var http10: UInt64 { 0x302E_312F_5054_5448 }
    private static var size: UInt8 { 8 }

    private var place: UInt8 = 0
    private(set) var version = HTTPVersion.http11

    /// Goes on from `position`; returns whether the version is whole, or nil at a byte of none.
    mutating func advance(
        over bytes: Span<UInt8>, from position: inout Int
    ) throws(HTTPError) -> Bool? {
        if place == 0, bytes.count - position >= Int(Self.size) {
            let word = bytes.eightBytes(at: position)
            if word == Self.http11 || word == Self.http10 {
                version = word == Self.http11 ? .http11 : .http10
                place = Self.size
                position += Int(Self.size)
            }
        }
        while place < Self.size {
            if position == bytes.count { return false }
            guard try take(bytes[position]) else { return nil }
            position += 1
        }
        return true
    }

    private mutating func take(_ byte: UInt8) throws(HTTPError) -> Bool {
        switch place {
        case 5:
            guard byte.isDigit else { return false }
            guard byte == UInt8(ascii: "1") else { throw .unsupportedVersion }
        case 7:
            guard byte.isDigit else { return false }
            version = byte == UInt8(ascii: "0") ? .http10 : .http11
        default:
            let expected = UInt8(truncatingIfNeeded: Self.http11 >> (8 * UInt64(place)))
            guard byte == expected else { return false }
        }
        place += 1
        return true
    }
}
