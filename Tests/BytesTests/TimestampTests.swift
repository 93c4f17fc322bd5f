import Bytes
import Simulation
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

private func read(_ text: String) -> Int64? { Timestamp.milliseconds(reading: text.utf8.span) }

@Test(
    "A moment is read with any offset, and with up to three digits of a fraction",
    arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:00.5z", 500),
        ("1969-12-31T23:59:59.99+00:00", -10), ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T18:29:00.001-05:31", 1), ("2000-02-29T12:00:00-00:00", 951_825_600_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] as [(String, Int64)])
func readMoment(_ text: String, _ milliseconds: Int64) {
    #expect(read(text) == milliseconds)
}

@Test(
    "What names no moment is refused",
    arguments: [
        "", "2026", "2026-11-21", "2026-11-21T09:17:46", "2026-11-21 09:17:46Z",
        "2026-11-21T09:17Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-06-30T23:59:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234Z", "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+1", "2026-01-01T00:00:00Zz", " 2026-01-01T00:00:00Z",
        "+026-01-01T00:00:00Z", "1700000000",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
func refuseMoment(_ text: String) { #expect(read(text) == nil) }

@Test("What is written is read again, and cut anywhere it is refused", arguments: UInt64(1)...200)
func readWritten(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let moment = Int64(random.number(in: -62_167_219_200_000...253_402_300_799_999))
    var bytes: [UInt8] = []
    Timestamp.append(moment, to: &bytes)
    #expect(Timestamp.milliseconds(reading: bytes.span) == moment, "rerun with seed \(seed)")
    for end in bytes.indices {
        #expect(Timestamp.milliseconds(reading: bytes.span.extracting(..<end)) == nil)
    }
}
