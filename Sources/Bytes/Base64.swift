/// Base64 as it is written: with padding (RFC 4648, section 4), or for URLs and without (section 5).
package final class Base64: Sendable {
    package static let standard = Base64(last: "+/", isPadded: true)
    package static let url = Base64(last: "-_", isPadded: false)

    private let letters: [64 of UInt8]
    private let values: [UInt8]
    private let isPadded: Bool

    private init(last: String, isPadded: Bool) {
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last
        var letters = [64 of UInt8](repeating: 0)
        for (value, letter) in text.utf8.enumerated() { letters[value] = letter }
        self.letters = letters
        var values = [UInt8](repeating: 255, count: 256)
        for (value, letter) in text.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        self.values = values
        self.isPadded = isPadded
    }

    package func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        text.append(addingCapacity: (bytes.count + 2) / 3 * 4) { text in
            eachLetter(of: bytes) { text.append($0) }
        }
    }

    /// Writes the letters over those from `place` on, of which there have to be as many.
    package func write(_ bytes: Span<UInt8>, over text: inout MutableSpan<UInt8>, at place: Int) {
        var place = place
        eachLetter(of: bytes) { letter in
            text[place] = letter
            place += 1
        }
    }

    /// The size of the text for so many bytes.
    package func textSize(of count: Int) -> Int {
        isPadded ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    @inline(__always)
    private func eachLetter(of bytes: Span<UInt8>, _ take: (UInt8) -> Void) {
        let letters = letters.span
        var place = 0
        while place + 3 <= bytes.count {
            let word =
                UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8
                | UInt32(bytes[place + 2])
            take(letters[Int(word >> 18)])
            take(letters[Int(word >> 12 & 63)])
            take(letters[Int(word >> 6 & 63)])
            take(letters[Int(word & 63)])
            place += 3
        }
        let left = bytes.count - place
        if left == 0 { return }
        let word = UInt32(bytes[place]) << 16 | (left == 2 ? UInt32(bytes[place + 1]) << 8 : 0)
        take(letters[Int(word >> 18)])
        take(letters[Int(word >> 12 & 63)])
        if left == 2 { take(letters[Int(word >> 6 & 63)]) }
        if isPadded { for _ in left..<3 { take(UInt8(ascii: "=")) } }
    }

    /// What `text` without padding stands for; nil where another text would be the one for that.
    package func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        return appendDecoded(text, to: &bytes) ? bytes : nil
    }

    /// The same for a text that may be padded; after a false some of it is appended.
    package func appendDecoded(paddedIfAny text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        // Padding fills the last four.
        guard end == text.count || text.count % 4 == 0 else { return false }
        return appendDecoded(text.extracting(0..<end), to: &bytes)
    }

    private func appendDecoded(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
        // A single letter stands for no byte.
        guard text.count % 4 != 1 else { return false }
        bytes.reserveCapacity(bytes.count + text.count / 4 * 3 + 2)
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for index in 0..<text.count {
            let value = values[Int(text[index])]
            guard value < 64 else { return false }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                word &= 1 << bits - 1
            }
        }
        return word == 0
    }
}
