import Bytes

/// The rule for names of topics, groups, producers and attributes.
package enum Name {
    package static let sizeMax = 200
    /// The rule in words, for problems.
    static let rule =
        "1 to \(sizeMax) of A-Z a-z 0-9 . _ -, and no . or _ in front, which are the system's"

    /// Whether `bytes` are a name that a client may give.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard 1...sizeMax ~= bytes.count, bytes[0] != UInt8(ascii: "."),
            bytes[0] != UInt8(ascii: "_")
        else { return false }
        for index in 0..<bytes.count where !isLetter(bytes[index]) { return false }
        return true
    }

    @inline(__always)
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ".")
    }
}
