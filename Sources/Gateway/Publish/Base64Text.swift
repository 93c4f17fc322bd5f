import Bytes

/// The inside of a string in base64 (RFC 4648, section 4), padded or not.
enum Base64Text {
    /// Appends what `text` stands for; returns false, with some of it appended, if it is no base64.
    static func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        // Padding fills the last four; a single letter stands for no byte.
        guard end == text.count || text.count % 4 == 0, end % 4 != 1 else { return false }
        bytes.reserveCapacity(bytes.count + end / 4 * 3 + 2)
        var word: UInt32 = 0
        for index in 0..<end {
            let value = values[Int(text[index])]
            guard value < 64 else { return false }
            word = word << 6 | UInt32(value)
            if index % 4 == 3 { append(word, 3, to: &bytes) }
        }
        switch end % 4 {
        case 2:
            guard word & 15 == 0 else { return false }
            append((word & 0xFFF) << 12, 1, to: &bytes)
        case 3:
            guard word & 3 == 0 else { return false }
            append((word & 0x3_FFFF) << 6, 2, to: &bytes)
        default: break
        }
        return true
    }

    /// Appends the first `count` of the three bytes that four letters make.
    private static func append(_ word: UInt32, _ count: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: word >> 16))
        if count > 1 { bytes.append(UInt8(truncatingIfNeeded: word >> 8)) }
        if count > 2 { bytes.append(UInt8(truncatingIfNeeded: word)) }
    }

    /// The six bits of each letter; 255 for what is none.
    private static let values: [UInt8] = {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var values = [UInt8](repeating: 255, count: 256)
        for (value, letter) in letters.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}
