// The few facts about ASCII that several rooms need, and numbers written as digits.

extension UInt8 {
    @inlinable package static var tab: UInt8 { UInt8(ascii: "\t") }
    @inlinable package static var lf: UInt8 { UInt8(ascii: "\n") }
    @inlinable package static var cr: UInt8 { UInt8(ascii: "\r") }
    @inlinable package static var space: UInt8 { UInt8(ascii: " ") }
    @inlinable package static var quote: UInt8 { UInt8(ascii: "\"") }
    @inlinable package static var backslash: UInt8 { UInt8(ascii: "\\") }

    @inlinable
    package var isDigit: Bool { self &- 0x30 < 10 }

    @inlinable
    package var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// Whether a terminal could act on this byte.
    @inlinable
    package var isControl: Bool { self < 0x20 || self == 0x7F }

    /// The byte with A to Z made small; every other byte as it is.
    @inlinable
    package var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit in either case.
    @inlinable
    package var hexDigit: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// The small hexadecimal digit for a value below 16.
    @inlinable
    package init(hexDigit value: UInt8) {
        assert(value < 16)
        self = value < 10 ? 0x30 &+ value : 0x57 &+ value
    }
}

extension [UInt8] {
    /// Appends `value` in decimal, without a string on the way.
    package mutating func append(decimal value: UInt64) { append(decimal: value, digits: 1) }

    /// Appends `value` in decimal with at least `digits` digits, but no more than 20 for that.
    package mutating func append(decimal value: UInt64, digits: Int) {
        // As many digits as the largest number has, filled from the last one on.
        var text = [20 of UInt8](repeating: 0x30)
        var start = text.count
        var left = value
        repeat {
            let (quotient, digit) = left.quotientAndRemainder(dividingBy: 10)
            start &-= 1
            text[start] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            left = quotient
        } while left != 0
        start = Swift.min(start, Swift.max(text.count - digits, 0))
        append(addingCapacity: text.count - start) { bytes in
            for place in start..<text.count { bytes.append(text[place]) }
        }
    }

    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    @inlinable
    package mutating func append(_ text: String) { append(contentsOf: text.utf8) }
}

extension String {
    /// The text with A to Z made small: no other letter has two cases where this is used.
    package var asciiLowercased: String {
        String(decoding: utf8.map(\.lowercased), as: UTF8.self)
    }
}
