import Bytes
import Testing

@Test(
    "A timestamp is RFC 3339 in UTC with milliseconds",
    arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (-1_000, "1969-12-31T23:59:59.000Z"),
        (1_795_252_666_123, "2026-11-21T09:17:46.123Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
func timestamp(_ milliseconds: Int64, _ expected: String) {
    var bytes: [UInt8] = []
    Timestamp.append(milliseconds, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
}

@Test("A moment outside of four-digit years is moved to the nearest one inside")
func farMoments() {
    #expect(CivilDate(unixSeconds: .min).year == 0)
    #expect(CivilDate(unixSeconds: .max).year == 9_999)
}

@Test("Every day of 800 years follows the day before it")
func everyDay() {
    let monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var (year, month, day, weekday) = (1970, 1, 1, 4)
    for number in 0..<Int64(292_194) {
        let date = CivilDate(unixSeconds: number * 86_400 + number % 86_400)
        #expect(date.year == year && date.month == month && date.day == day, "day \(number)")
        #expect(date.weekday == weekday)
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = month == 2 && isLeap ? 29 : monthLengths[month - 1]
        (day, weekday) = (day + 1, (weekday + 1) % 7)
        if day > length { (day, month) = (1, month + 1) }
        if month > 12 { (month, year) = (1, year + 1) }
    }
}
