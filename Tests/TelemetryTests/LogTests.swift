import Testing

@testable import Telemetry

/// A reader that takes as many pieces as it is told to.
private struct Pieces: LogSink {
    var taken: [[UInt8]] = []
    var room = Int.max

    mutating func write(_ bytes: ArraySlice<UInt8>) -> Bool {
        if room == 0 { return false }
        room -= 1
        taken.append([UInt8](bytes))
        return true
    }

    var text: String { String(decoding: taken.joined(), as: UTF8.self) }
}

private let moment: Int64 = 1_795_252_666_123

private func line(
    _ format: LogFormat, _ message: String = "m", _ fill: (inout LogLine) -> Void
) -> String {
    var log = Log(LogSettings(format: format))
    log.write(.info, message, at: moment, fill)
    var sink = Pieces()
    log.flush(to: &sink)
    return sink.text
}

@Suite("A log line")
struct LogLineTests {
    @Test("logfmt is time, level and message, and then the fields in order")
    func logfmt() {
        let text = line(.logfmt, "listening") { line in
            line.add("address", "127.0.0.1:41234")
            line.add("loops", 4)
            line.add("open", true)
            line.add("bytes", UInt64.max)
            line.add("duration", nanoseconds: 1_000_234_567)
        }
        #expect(
            text == """
                time=2026-11-21T09:17:46.123Z level=info msg=listening address=127.0.0.1:41234 \
                loops=4 open=true bytes=18446744073709551615 duration=1.000234

                """)
    }

    @Test("JSON has the same names")
    func json() {
        let text = line(.json, "listening") { line in
            line.add("address", "127.0.0.1:41234")
            line.add("loops", 4)
        }
        let expected = #"{"time":"2026-11-21T09:17:46.123Z","level":"info","msg":"listening","#
        #expect(text == expected + #""address":"127.0.0.1:41234","loops":4}"# + "\n")
    }

    @Test(
        "No value ends the line, its quotes, or starts a field",
        arguments: [
            ("", #""""#), ("plain-1.2:3/[::1]", "plain-1.2:3/[::1]"),
            ("two words", #""two words""#),
            ("a\nlevel=error msg=fake", #""a\nlevel=error msg=fake""#), ("a\"b\\", #""a\"b\\""#),
            ("a=b", #""a=b""#), ("\u{1b}[31m\u{0}", #""\u001b[31m\u0000""#),
            ("\u{7f}\u{85}\u{9b}", #""\u007f\u0085\u009b""#),
            ("\u{2028}\u{202e}ü…", #""\u2028\u202eü…""#),
        ])
    func injection(_ value: String, _ expected: String) {
        let text = line(.logfmt) { $0.add("v", value) }
        #expect(text.hasSuffix(" msg=m v=\(expected)\n"))
        let json = line(.json) { $0.add("v", value) }
        let quoted = expected.hasPrefix("\"") ? expected : "\"\(expected)\""
        #expect(json.hasSuffix(#","msg":"m","v":\#(quoted)}"# + "\n"))
    }

    @Test("Bytes that are not UTF-8 are shown as replacement characters")
    func notUTF8() {
        let text = line(.logfmt) { $0.add("v", utf8: [0x61, 0xFF][...]) }
        #expect(text.hasSuffix("v=\"a\u{FFFD}\"\n"))
    }

    @Test("A long value ends in an ellipsis and never within a character", arguments: 0..<4)
    func longValue(shift: Int) {
        let value = String(repeating: "a", count: shift) + String(repeating: "😀", count: 300)
        let text = line(.logfmt) { $0.add("v", value) }
        #expect(text.hasSuffix("😀…\"\n"))
        #expect(!text.contains("\u{FFFD}"))
        #expect(text.utf8.count < 1_100)
    }

    @Test("A value of the longest size is whole")
    func longestValue() {
        let value = String(repeating: "a", count: LogLine.valueSizeMax)
        #expect(line(.logfmt) { $0.add("v", value) }.hasSuffix("v=\(value)\n"))
        #expect(line(.logfmt) { $0.add("v", value + "a") }.hasSuffix("v=\"\(value)…\"\n"))
    }

    @Test(
        "A line keeps to its size by leaving fields out, and says so",
        arguments: [LogFormat.logfmt, .json])
    func truncates(format: LogFormat) {
        let text = line(format) { line in
            for number in 0..<10 { line.add("v\(number)", String(repeating: "\u{1}", count: 600)) }
            line.add("last", 1)
        }
        #expect(text.utf8.count <= LogLine.sizeMax)
        #expect(text.contains("v0") && !text.contains("v1"))
        #expect(text.hasSuffix(format == .json ? "\"truncated\":true}\n" : " truncated=true\n"))
    }

    @Test(
        "Times of day are RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func times(_ milliseconds: Int64, _ expected: String) {
        var log = Log(LogSettings())
        log.write(.info, "m", at: milliseconds)
        var sink = Pieces()
        log.flush(to: &sink)
        #expect(sink.text.hasPrefix("time=\(expected) level=info"))
    }
}

@Suite("A log")
struct LogTests {
    @Test("A level shows itself and what is worse, and may change while the log is in use")
    func levels() {
        let settings = LogSettings(level: .warn)
        var log = Log(settings)
        log.error("e")
        log.warn("w")
        log.info("i")
        settings.level = .debug
        log.debug("d")
        settings.level = .error
        log.warn("hidden")
        var sink = Pieces()
        log.flush(to: &sink)
        let levels = sink.text.split(separator: "\n").map { $0.split(separator: " ")[2] }
        #expect(levels == ["msg=e", "msg=w", "msg=d"])
    }

    @Test("The fields of a hidden line are never asked for")
    func hidden() {
        var log = Log(LogSettings(level: .error))
        log.debug("d") { _ in Issue.record("a hidden line was filled") }
        #expect(log.isEmpty == true)
    }

    @Test("Lines leave in pieces of whole lines, each as large as a pipe takes at once")
    func pieces() {
        var log = Log(LogSettings())
        for number in 0..<500 { log.info("number") { $0.add("n", number) } }
        var sink = Pieces()
        #expect(log.flush(to: &sink) == true)
        #expect(sink.taken.allSatisfy { $0.count <= 4_096 && $0.last == 10 })
        #expect(sink.taken.count < 12)
        #expect(sink.text.split(separator: "\n").count == 500)
    }

    @Test("What a slow reader did not take comes later, in order and once")
    func slowReader() {
        var log = Log(LogSettings())
        var sink = Pieces()
        for number in 0..<2_000 {
            log.info("number") { $0.add("n", number) }
            sink.room = number % 40 == 0 ? 1 : 0
            if number % 10 == 0 { log.flush(to: &sink) }
        }
        sink.room = .max
        #expect(log.flush(to: &sink) == true)
        let numbers = sink.text.split(separator: "\n").map { $0.split(separator: "=").last }
        #expect(numbers == (0..<2_000).map { Substring(String($0)) })
    }

    @Test("A full buffer drops lines, counts them and says so once there is room")
    func drops() {
        var log = Log(LogSettings())
        for _ in 0..<10_000 { log.info("a line of some length") }
        #expect(log.dropped > 0)
        var sink = Pieces(room: 0)
        #expect(log.flush(to: &sink) == false)
        sink.room = .max
        #expect(log.flush(to: &sink) == true)
        let lines = sink.text.split(separator: "\n")
        #expect(lines.last?.hasSuffix("msg=\"log lines dropped\" count=\(log.dropped)") == true)
        #expect(UInt64(lines.count) - 1 + log.dropped == 10_000)
        #expect(sink.text.utf8.count <= Log.bufferSizeMax + LogLine.sizeMax)
    }
}
