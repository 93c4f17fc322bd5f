import Bytes

/// Reads `HTTP/`, a digit, a dot and a digit, one byte a call.
///
/// Each byte is checked at its own place, so a wrong one is refused when it is seen.
struct VersionScanner {
    private var place = 0
    private(set) var version = HTTPVersion.http11

    /// Takes the next byte; returns false for one that is not part of a version at this place.
    mutating func take(_ byte: UInt8) throws(HTTPError) -> Bool {
        switch place {
        case 0..<5:
            let isRight = byte == "HTTP/".utf8.span[place]
            guard isRight else { return false }
        case 5:
            guard byte.isDigit else { return false }
            guard byte == UInt8(ascii: "1") else { throw .unsupportedVersion }
        case 6:
            guard byte == UInt8(ascii: ".") else { return false }
        default:
            guard !isDone, byte.isDigit else { return false }
            version = byte == UInt8(ascii: "0") ? .http10 : .http11
        }
        place += 1
        return true
    }

    var isDone: Bool { place == 8 }
}
