import Bytes

/// Text in a field: UTF-8 in which any byte may be written as `%` and two hexadecimal digits.
enum PercentText {
    /// What `text` stands for, without a copy where it stands for itself; nil if an escape is none.
    static func decode(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard var place = text.firstIndex(of: UInt8(ascii: "%")) else { return text }
        var plain = [UInt8](text[..<place])
        while place < text.endIndex {
            let byte = text[place]
            place += 1
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            guard place + 1 < text.endIndex, let high = text[place].hexDigit,
                let low = text[place + 1].hexDigit
            else { return nil }
            plain.append(high << 4 | low)
            place += 2
        }
        return plain[...]
    }
}
