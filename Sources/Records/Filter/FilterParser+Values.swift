// The values of conditions, which become constants of the filter.

internal import Bytes

extension FilterParser {
    /// Keeps what the text in hand stands for.
    mutating func keepText(_ text: Span<UInt8>) throws(FilterError) -> Range<Int> {
        let start = constants.count
        let end = lexer.range.upperBound - 1
        var place = lexer.range.lowerBound + 1
        while place < end {
            if text[place] == .backslash {
                try keepEscape(&place, before: end, text)
            } else {
                constants.append(text[place])
                place += 1
            }
        }
        return start..<constants.count
    }

    /// Keeps the character of the escape at `place`, and moves behind it.
    private mutating func keepEscape(
        _ place: inout Int, before end: Int, _ text: Span<UInt8>
    ) throws(FilterError) {
        let start = place
        place += 2
        switch text[start + 1] {
        case .quote, .backslash, UInt8(ascii: "'"): constants.append(text[start + 1])
        case UInt8(ascii: "n"): constants.append(.lf)
        case UInt8(ascii: "r"): constants.append(.cr)
        case UInt8(ascii: "t"): constants.append(.tab)
        case UInt8(ascii: "u"):
            guard let scalar = text.scalar(at: &place, before: end),
                let character = UTF8.encode(scalar)
            else { throw FilterError(.badEscape, at: start, of: text) }
            constants.append(contentsOf: character)
        default: throw FilterError(.badEscape, at: start, of: text)
        }
    }

    /// Keeps the number in hand.
    mutating func number(_ text: Span<UInt8>) throws(FilterError) -> Decimal {
        guard Decimal(text, in: lexer.range, bounds) != nil else { throw error(.badNumber, text) }
        let kept = keep(lexer.range, text)
        guard let number = Decimal(constants.span, in: kept, bounds) else {
            preconditionFailure("a number is one wherever it lies")
        }
        return number
    }

    /// The time in hand, which becomes no constant.
    mutating func time(_ text: Span<UInt8>) throws(FilterError) -> Int64 {
        let kept = try keepText(text)
        let time = Timestamp.milliseconds(reading: constants.span.extracting(kept))
        constants.removeLast(kept.count)
        guard let time else { throw error(.badTime, text) }
        return time
    }

    mutating func keep(_ range: Range<Int>, _ text: Span<UInt8>) -> Range<Int> {
        let start = constants.count
        for index in range { constants.append(text[index]) }
        return start..<constants.count
    }

    /// Brings a list into its order, and drops what is in it twice.
    mutating func sortValues(from start: Int) {
        let constants = constants
        let sorted = values[start...].sorted { $0.order($1, constants.span) < 0 }
        values.removeLast(values.count - start)
        for value in sorted
        where values.count == start || values[values.count - 1].order(value, constants.span) != 0 {
            values.append(value)
        }
    }
}

extension FilterValue {
    /// Negative, zero or positive, as it stands before, at or behind the place of `other` in a list.
    fileprivate func order(_ other: FilterValue, _ constants: Span<UInt8>) -> Int {
        switch (self, other) {
        case (.number(let one), .number(let two)): one.order(constants, two, constants)
        case (.text(let one), .text(let two)): constants.order(one, constants, two)
        case (.time(let one), .time(let two)): one < two ? -1 : one == two ? 0 : 1
        default: kind - other.kind
        }
    }

    private var kind: Int {
        switch self {
        case .time: 0
        case .number: 1
        case .text: 2
        }
    }
}

extension Span<UInt8> {
    /// The character that `{…}` at `place` names by one to six digits; nil if it names none.
    fileprivate func scalar(at place: inout Int, before end: Int) -> Unicode.Scalar? {
        guard place < end, self[place] == UInt8(ascii: "{") else { return nil }
        place += 1
        let start = place
        var value: UInt32 = 0
        while place < end, place - start < 6, let digit = self[place].hexDigit {
            value = value << 4 | UInt32(digit)
            place += 1
        }
        guard place > start, place < end, self[place] == UInt8(ascii: "}") else { return nil }
        place += 1
        return Unicode.Scalar(value)
    }
}
