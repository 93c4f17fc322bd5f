/// Base64 as it is written: with padding (RFC 4648, section 4), or for URLs and without (section 5).
struct Base64 {
    static let standard = Base64(last: "+/", isPadded: true)
    static let url = Base64(last: "-_", isPadded: false)

    private let letters: [UInt8]
    private let values: [UInt8]
    private let isPadded: Bool

    private init(last: String, isPadded: Bool) {
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last
        letters = Array(text.utf8)
        var values = [UInt8](repeating: 255, count: 256)
        for (value, letter) in text.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        self.values = values
        self.isPadded = isPadded
    }

    func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
        var place = 0
        while place + 3 <= bytes.count {
            let word =
                UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8
                | UInt32(bytes[place + 2])
            append(word, 4, to: &text)
            place += 3
        }
        switch bytes.count - place {
        case 1: append(UInt32(bytes[place]) << 16, 2, to: &text)
        case 2: append(UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8, 3, to: &text)
        default: break
        }
    }

    private func append(_ word: UInt32, _ count: Int, to text: inout [UInt8]) {
        for index in 0..<count {
            text.append(letters[Int(word >> (18 - 6 * UInt32(index)) & 63)])
        }
        if isPadded { for _ in count..<4 { text.append(UInt8(ascii: "=")) } }
    }

    /// What `text` without padding stands for; nil where another text would be the one for that.
    func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for index in 0..<text.count {
            let value = values[Int(text[index])]
            guard value < 64 else { return nil }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                word &= 1 << bits - 1
            }
        }
        return word == 0 ? bytes : nil
    }
}
