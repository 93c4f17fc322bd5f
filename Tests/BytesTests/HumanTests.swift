import Testing

@testable import Bytes

@Suite("What people write")
struct HumanTests {
    @Test(
        "Durations",
        arguments: [
            ("250ms", .milliseconds(250)), ("20s", .seconds(20)), ("5m", .seconds(300)),
            ("2h", .seconds(7_200)), ("7d", .seconds(604_800)), ("0", .zero), ("90", .seconds(90)),
            ("0030s", .seconds(30)), ("9223372036854775807ms", .milliseconds(Int64.max)),
        ] as [(String, Duration)])
    func durations(_ text: String, _ expected: Duration) {
        #expect(Duration(human: text) == expected)
        #expect(Duration(human: expected.human) == expected)
    }

    @Test(
        "What is not a duration",
        arguments: [
            "", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1.5s", "1S", "1sec", "1us", "1e3", "1ss",
            "9223372036854775808ms", "9223372036854775807s", "18446744073709551616", "1\u{0}", "٣s",
        ])
    func notDurations(_ text: String) { #expect(Duration(human: text) == nil) }

    @Test(
        "Durations are written in the largest unit that is exact",
        arguments: [
            (.zero, "0s"), (.milliseconds(1_500), "1500ms"), (.seconds(60), "1m"),
            (.seconds(90), "90s"), (.seconds(86_400), "1d"), (.seconds(-5), "0s"),
        ] as [(Duration, String)])
    func formatsDurations(_ duration: Duration, _ expected: String) {
        #expect(duration.human == expected)
    }

    @Test("Durations become numbers without a trap at either end")
    func numbers() {
        #expect(Duration.milliseconds(1_500).milliseconds == 1_500)
        #expect(Duration.nanoseconds(1_999).nanoseconds == 1_999)
        #expect(Duration.seconds(-1).milliseconds == 0)
        #expect(Duration.seconds(Int64.max).milliseconds == .max)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    }

    @Test(
        "Sizes",
        arguments: [
            ("0", 0), ("512", 512), ("512B", 512), ("64KiB", 65_536), ("1MiB", 1 << 20),
            ("10GiB", 10 << 30), ("1TiB", 1 << 40), ("5kB", 5_000), ("3MB", 3_000_000),
            ("2GB", 2_000_000_000), ("1TB", 1_000_000_000_000), ("9223372036854775807", .max),
        ])
    func sizes(_ text: String, _ expected: Int) {
        #expect(HumanSize.parse(text) == expected)
        #expect(HumanSize.parse(HumanSize.format(expected)) == expected)
    }

    @Test(
        "What is not a size",
        arguments: [
            "", "KiB", "-1", "1 KiB", "1.5MiB", "1KB", "1kib", "1K", "1M", "1MiBs",
            "9223372036854775808", "9007199254740992KiB", "99999999999999999999",
        ])
    func notSizes(_ text: String) { #expect(HumanSize.parse(text) == nil) }

    @Test(
        "Sizes are written in the largest binary unit that is exact",
        arguments: [
            (0, "0"), (1_000, "1000"), (1_024, "1KiB"), (1_536, "1536"), (8 << 20, "8MiB"),
            (3 << 40, "3TiB"),
        ])
    func formatsSizes(_ bytes: Int, _ expected: String) {
        #expect(HumanSize.format(bytes) == expected)
    }
}

@Suite("Names that were nearly right")
struct EditDistanceTests {
    @Test(
        "The distance counts insertions, removals, replacements and swaps",
        arguments: [
            ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("lsiten", "listen", 1),
            ("kitten", "sitting", 3), ("ab", "ba", 1), ("data", "date", 1),
        ])
    func distance(_ one: String, _ other: String, _ expected: Int) {
        #expect(editDistance(one, other) == expected)
        #expect(editDistance(other, one) == expected)
    }

    @Test(
        "The nearest name is found, and none if none is near",
        arguments: [
            ("lsiten", "listen"), ("LISTEN", "listen"), ("max-bdy", "max-body"), ("dta", "data"),
            ("max-conn", "max-connections"), ("zebra", nil), ("", nil), ("x", nil),
        ])
    func nearest(_ typed: String, _ expected: String?) {
        let names = ["listen", "data", "max-body", "max-connections", "loops"]
        #expect(nearestName(to: typed, in: names) == expected)
    }
}
