// Numbers as they are written, compared digit by digit: nothing is converted, so nothing is rounded
// and nothing is too large. The digits stay where they are; a number says where and how they count.

internal import Bytes

/// A number in some bytes: 0.d₁d₂d₃… times ten to the power of `magnitude`.
struct Decimal: Sendable {
    let isNegative: Bool
    /// From the first digit that is not zero to the last, with the point if it is between them;
    /// empty for zero.
    let digits: Range<Int>
    let magnitude: Int

    /// Reads the number that is all of `range`; nil if that is none.
    init?(_ bytes: Span<UInt8>, in range: Range<Int>, _ bounds: FilterBounds = .client) {
        guard range.count <= bounds.numberSize else { return nil }
        var scan = DecimalScan(place: range.lowerBound, end: range.upperBound)
        let isNegative = scan.take("-", bytes)
        guard scan.digits(bytes) else { return nil }
        let point = scan.place
        if scan.take(".", bytes) {
            guard scan.digits(bytes) else { return nil }
        }
        guard let exponent = scan.exponent(bytes, bounds), scan.place == scan.end
        else { return nil }
        digits = scan.significant
        self.isNegative = isNegative && !digits.isEmpty
        let first = digits.lowerBound
        // Zeros behind the point make a number smaller, digits before it larger.
        let shift = first < point ? point - first : point + 1 - first
        magnitude = digits.isEmpty ? 0 : shift + exponent
    }

    /// Negative, zero or positive, as `self` in `bytes` is less than, equal to or greater than
    /// `other` in `others`.
    func order(_ bytes: Span<UInt8>, _ other: Decimal, _ others: Span<UInt8>) -> Int {
        if sign != other.sign || sign == 0 { return sign - other.sign }
        if magnitude != other.magnitude { return magnitude < other.magnitude ? -sign : sign }
        var (place, otherPlace) = (digits.lowerBound, other.digits.lowerBound)
        while true {
            let digit = Self.next(&place, digits.upperBound, bytes)
            let otherDigit = Self.next(&otherPlace, other.digits.upperBound, others)
            if digit != otherDigit { return digit < otherDigit ? -sign : sign }
            if digit < 0 { return 0 }
        }
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// The next digit; -1 behind the last, which is less than any since the last is not zero.
    private static func next(_ place: inout Int, _ end: Int, _ bytes: Span<UInt8>) -> Int {
        if place < end, bytes[place] == UInt8(ascii: ".") { place += 1 }
        guard place < end else { return -1 }
        defer { place += 1 }
        return Int(bytes[place] & 15)
    }
}

extension Decimal {
    /// How many zeros a plain number may need around its digits.
    private static let plainMagnitudes = -5...16

    /// Appends the one text that stands for this number.
    func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        var figures: [UInt8] = []
        for index in digits where bytes[index] != UInt8(ascii: ".") { figures.append(bytes[index]) }
        if isNegative { output.append(UInt8(ascii: "-")) }
        guard Self.plainMagnitudes ~= magnitude, figures.count <= Self.plainMagnitudes.upperBound
        else { return appendWithExponent(figures, to: &output) }
        let zero = UInt8(ascii: "0")
        let zerosBefore = [UInt8](repeating: zero, count: max(0, 1 - magnitude))
        let zerosBehind = [UInt8](repeating: zero, count: max(0, magnitude - figures.count))
        let all = zerosBefore + figures + zerosBehind
        let whole = max(1, magnitude)
        output.append(contentsOf: all.prefix(whole))
        guard all.count > whole else { return }
        output.append(UInt8(ascii: "."))
        output.append(contentsOf: all.dropFirst(whole))
    }

    private func appendWithExponent(_ figures: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: figures.prefix(1))
        if figures.count > 1 {
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: figures.dropFirst())
        }
        guard magnitude != 1 else { return }
        output.append(UInt8(ascii: "e"))
        output.append(decimal: Int64(magnitude - 1))
    }
}

/// A place in a number, and what of it counts so far.
private struct DecimalScan {
    private(set) var place: Int
    let end: Int
    private(set) var significant: Range<Int>

    init(place: Int, end: Int) {
        self.place = place
        self.end = end
        significant = place..<place
    }

    mutating func take(_ letter: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
        guard place < end, bytes[place] == UInt8(ascii: letter) else { return false }
        place += 1
        return true
    }

    /// Passes over one digit and more.
    mutating func digits(_ bytes: Span<UInt8>) -> Bool {
        let start = place
        while place < end, bytes[place].isDigit {
            if bytes[place] != UInt8(ascii: "0") {
                let first = significant.isEmpty ? place : significant.lowerBound
                significant = first..<place + 1
            }
            place += 1
        }
        return place > start
    }

    /// The exponent, which is 0 if there is none; nil if it is broken or too long.
    mutating func exponent(_ bytes: Span<UInt8>, _ bounds: FilterBounds) -> Int? {
        guard take("e", bytes) || take("E", bytes) else { return 0 }
        let isNegative = take("-", bytes)
        if !isNegative { _ = take("+", bytes) }
        let start = place
        var value = 0
        while place < end, bytes[place].isDigit, place - start < bounds.exponentDigits {
            value = value * 10 + Int(bytes[place] & 15)
            place += 1
        }
        guard place > start else { return nil }
        return isNegative ? -value : value
    }
}
