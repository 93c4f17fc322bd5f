// Reads the moments that clients write: RFC 3339, with any offset, to the millisecond. What a clock
// of ours could not have written, such as a second 60 or a fourth digit of a fraction, is refused
// and never rounded: two readers would round it to two moments.

extension Timestamp {
    /// The milliseconds from the start of 1970 to the moment that `text` names; nil if it names none.
    package static func milliseconds(reading text: Span<UInt8>) -> Int64? {
        var cursor = TimestampCursor()
        guard let year = cursor.number(4, text), cursor.take("-", text),
            let month = cursor.number(2, text), cursor.take("-", text),
            let day = cursor.number(2, text), cursor.take("t", text),
            let hour = cursor.number(2, text), cursor.take(":", text),
            let minute = cursor.number(2, text), cursor.take(":", text),
            let second = cursor.number(2, text),
            let fraction = cursor.milliseconds(text), let offset = cursor.offset(text),
            cursor.place == text.count
        else { return nil }
        guard 1...12 ~= month, 1...dayCount(month, of: year) ~= day, hour < 24, minute < 60,
            second < 60
        else { return nil }
        let minutes = (dayNumber(year, month, day) * 24 + hour) * 60 + minute - offset
        let seconds = Int64(minutes * 60 + second)
        // An offset may lead out of what four digits can name, and so of what can be written again.
        guard CivilDate.secondsRange ~= seconds else { return nil }
        return seconds * 1_000 + Int64(fraction)
    }

    private static func dayCount(_ month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        switch month {
        case 2: return isLeap ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// The days since 1970, with years from March, as `CivilDate` counts them.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // 400 years later, so that nothing below is negative.
        let yearFromMarch = year + 400 - (month <= 2 ? 1 : 0)
        let (era, yearOfEra) = yearFromMarch.quotientAndRemainder(dividingBy: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468 - 146_097
    }
}

/// A place in the text of a moment.
private struct TimestampCursor {
    private(set) var place = 0

    /// Passes over `letter`, in either case; returns whether it is there.
    mutating func take(_ letter: Unicode.Scalar, _ text: Span<UInt8>) -> Bool {
        guard place < text.count, text[place].lowercased == UInt8(ascii: letter) else {
            return false
        }
        place += 1
        return true
    }

    mutating func number(_ digits: Int, _ text: Span<UInt8>) -> Int? {
        guard text.count - place >= digits else { return nil }
        var value = 0
        for index in place..<place + digits {
            guard text[index].isDigit else { return nil }
            value = value * 10 + Int(text[index] & 15)
        }
        place += digits
        return value
    }

    /// One to three digits behind a point, or none of it.
    mutating func milliseconds(_ text: Span<UInt8>) -> Int? {
        guard take(".", text) else { return 0 }
        var (value, scale) = (0, 1_000)
        while scale > 1, let digit = number(1, text) {
            value = value * 10 + digit
            scale /= 10
        }
        return scale == 1_000 ? nil : value * scale
    }

    /// Minutes east of Greenwich.
    mutating func offset(_ text: Span<UInt8>) -> Int? {
        if take("z", text) { return 0 }
        let isEast = take("+", text)
        guard isEast || take("-", text), let hours = number(2, text), take(":", text),
            let minutes = number(2, text), hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }
}
