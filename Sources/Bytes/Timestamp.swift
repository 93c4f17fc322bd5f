/// A moment in the proleptic Gregorian calendar, UTC, without leap seconds.
package struct CivilDate: Equatable, Sendable {
    /// 0 to 9999; moments outside are moved to the nearest end.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    /// 0 is Sunday.
    package let weekday: Int

    /// From the start of the year 0 to the end of 9999: formats have four digits for a year.
    package static let secondsRange: Range<Int64> = -62_167_219_200..<253_402_300_800

    /// Takes the moment that lies `unixSeconds` after the start of 1970 apart.
    ///
    /// Years are counted from March, so that the leap day is the last of its year, and in eras of
    /// 400 years, which are all 146,097 days long.
    package init(unixSeconds: Int64) {
        let range = Self.secondsRange
        let seconds = min(max(unixSeconds, range.lowerBound), range.upperBound - 1)
        // Shifted to 1 March of the year -400, so that nothing below is negative.
        let shifted = Int(seconds) + (719_468 + 146_097) * 86_400
        let (days, time) = shifted.quotientAndRemainder(dividingBy: 86_400)
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        year = yearOfEra + (era - 1) * 400 + (month <= 2 ? 1 : 0)
        hour = time / 3_600
        minute = time / 60 % 60
        second = time % 60
        weekday = (days + 3) % 7
    }

    /// Appends `09:17:46`.
    package func appendTime(to bytes: inout [UInt8]) {
        bytes.append(decimal: UInt64(hour), digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: UInt64(minute), digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: UInt64(second), digits: 2)
    }

    /// Appends `2026-11-21`.
    package func appendDate(to bytes: inout [UInt8]) {
        bytes.append(decimal: UInt64(year), digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: UInt64(month), digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: UInt64(day), digits: 2)
    }
}

/// Moments as the API writes them: RFC 3339 in UTC with milliseconds.
package enum Timestamp {
    /// Appends `2026-11-21T09:17:46.123Z` for the moment `unixMilliseconds` after the start of 1970.
    package static func append(_ unixMilliseconds: Int64, to bytes: inout [UInt8]) {
        // Rounded down, also before 1970, so that the milliseconds are never negative.
        let remainder = unixMilliseconds % 1_000
        let milliseconds = remainder < 0 ? remainder + 1_000 : remainder
        let seconds = unixMilliseconds / 1_000 - (remainder < 0 ? 1 : 0)
        let date = CivilDate(unixSeconds: seconds)
        date.appendDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        date.appendTime(to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(decimal: UInt64(milliseconds), digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }
}
