import Bytes

/// Dates as HTTP writes them: `Sat, 21 Nov 2026 09:17:46 GMT` (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Appends the 29 bytes of the date that lies `unixSeconds` after 1970.
    package static func append(_ unixSeconds: Int64, to bytes: inout [UInt8]) {
        let date = CivilDate(unixSeconds: unixSeconds)
        bytes.append(days[date.weekday])
        bytes.append(", ")
        bytes.append(decimal: UInt64(date.day), digits: 2)
        bytes.append(.space)
        bytes.append(months[date.month - 1])
        bytes.append(.space)
        bytes.append(decimal: UInt64(date.year), digits: 4)
        bytes.append(.space)
        date.appendTime(to: &bytes)
        bytes.append(" GMT")
    }
}

extension HTTPDate {
    /// Returns the seconds after 1970 of a date as `append` writes it, or nil for anything else.
    package static func seconds(of text: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(text)
        guard bytes.count == 29 else { return nil }
        let name = String(decoding: bytes[8..<11], as: UTF8.self)
        guard let month = months.firstIndex(of: name), let day = number(bytes[5..<7]),
            let year = number(bytes[12..<16]), let hour = number(bytes[17..<19]),
            let minute = number(bytes[20..<22]), let second = number(bytes[23..<25])
        else { return nil }
        let days = dayCount(year: year, month: month + 1, day: day)
        let seconds = Int64(((days * 24 + hour) * 60 + minute) * 60 + second)
        // Whatever else is wrong with it shows when the same moment is written again.
        var again: [UInt8] = []
        append(seconds, to: &again)
        return again == bytes ? seconds : nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(\.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 & 15) }
    }

    /// The days from the start of 1970, with years that begin in March: the leap day is their last.
    private static func dayCount(year: Int, month: Int, day: Int) -> Int {
        let yearFromMarch = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let leapDays = yearFromMarch / 4 - yearFromMarch / 100 + yearFromMarch / 400
        return yearFromMarch * 365 + leapDays + (153 * monthFromMarch + 2) / 5 + day - 719_469
    }
}
