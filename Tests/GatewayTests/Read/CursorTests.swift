import Bytes
import HTTP
import Simulation
import Testing

@testable import Gateway

@Suite("A cursor")
struct CursorTests {
    private static func cursor(_ random: inout SeededRandom) -> Cursor {
        let numbers = [0, 1, 127, 128, 1_042, 1 << 40, 1 << 62 - 1]
        let count = random.number(in: 1...random.pick([1, 4, 300]))
        let partition = UInt32(random.number(in: 0...count - 1))
        let topic = UInt32(random.pick([1, 7, 4_000_000_000]))
        switch random.number(in: 0...2) {
        case 0: return Cursor(topic: topic, .all((0..<count).map { _ in random.pick(numbers) }))
        case 1:
            return Cursor(topic: topic, .one(partition: partition, offset: random.pick(numbers)))
        default:
            let place = Cursor.Place.published(
                count: count, partition: partition, offset: random.pick(numbers),
                logTime: random.pick(numbers))
            return Cursor(topic: topic, place)
        }
    }

    @Test("comes back as it went, and is safe in a URL", arguments: UInt64(1)...100)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cursor = Self.cursor(&random)
        #expect(Cursor(reading: cursor.bytes.span) == cursor, "rerun with seed \(seed)")
        let isSafe = cursor.bytes.allSatisfy {
            $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        #expect(isSafe)
    }

    @Test("that was mistyped leads nowhere", arguments: UInt64(1)...100)
    func mistyped(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var text = Self.cursor(&random).bytes
        let place = random.number(in: 0...text.count - 1)
        switch random.number(in: 0...2) {
        case 0: text[place] = text[place] == 0x41 ? 0x42 : 0x41
        case 1: text.remove(at: place)
        default: text.insert(0x41, at: place)
        }
        if place > 0, place < text.count, random.oneIn(3) { text.swapAt(0, place) }
        let found = Cursor(reading: text.span)
        #expect(found == nil || found?.bytes == text, "rerun with seed \(seed)")
    }

    @Test(
        "is nothing that was never given out", arguments: ["", "A", "AAAA", "=", "AQ", "é", "____"])
    func refused(_ text: String) { #expect(Cursor(reading: text.utf8.span) == nil) }

    @Test("of a publish is behind its message")
    func published() {
        let cursor = Cursor.after(partition: 3, offset: 9, of: 7, count: 8, logTime: 55)
        #expect(
            cursor.place == .published(count: 8, partition: 3, offset: 10, logTime: 55))
        #expect(Cursor(reading: cursor.text.utf8.span) == cursor)
    }
}

@Suite("The options of a read")
struct ReadOptionsTests {
    private let settings = ReadSettings(seed: 1)

    private func options(
        _ parameters: [String: String], _ format: ReadFormat = .json, lastEventID: String? = nil
    ) throws(ReadError) -> ReadOptions {
        try ReadOptions(format, settings, lastEventID: lastEventID.map { Array($0.utf8) }) { name in
            parameters[name].map { Array($0.utf8) }
        }
    }

    @Test("have defaults, and are clamped where they ask for too much")
    func bounds() throws {
        let plain = try options([:])
        #expect(plain.start == .earliest)
        #expect(plain.wait == 20_000)
        #expect(plain.messagesMax == 100)
        #expect(plain.bytesMax == 1 << 20)
        let large = try options([
            "wait": "1h", "max_messages": "9999999", "max_bytes": "1GiB",
        ])
        #expect(large.wait == 25_000)
        #expect(large.messagesMax == 1_000)
        #expect(large.bytesMax == 8 << 20)
        #expect(try options(["wait": "0"]).wait == 0)
        #expect(try options(["wait": "250ms"]).wait == 250)
    }

    @Test("say where to begin")
    func starts() throws {
        #expect(try options(["from": "latest"]).start == .latest)
        let place = try options(["from": "3-1042"])
        #expect(place.start == .offset(1_042))
        #expect(place.partition == 3)
        #expect(try options(["from": "1970-01-01T00:00:01Z"]).start == .time(1_000))
        let cursor = Cursor(topic: 1, .all([1, 2]))
        #expect(try options(["after": cursor.text]).start == .cursor(cursor))
        let other = Cursor(topic: 1, .all([3, 4]))
        let resumed = try options(["after": cursor.text], .events, lastEventID: other.text)
        #expect(resumed.start == .cursor(other))
        let ignored = try options(["after": cursor.text], .json, lastEventID: other.text)
        #expect(ignored.start == .cursor(cursor))
    }

    @Test(
        "Values that are refused, and by what name",
        arguments: [
            ("partition", "-1"), ("partition", "x"), ("partition", "4294967296"), ("partition", ""),
            ("wait", "soon"), ("wait", "-1s"), ("max_messages", "0"), ("max_messages", "ten"),
            ("max_bytes", "0"), ("max_bytes", "1 MiB"), ("from", "yesterday"), ("from", "1-"),
            ("from", ""), ("from", "01-1"),
        ])
    func refused(_ name: String, _ value: String) {
        do throws(ReadError) {
            _ = try options([name: value])
            Issue.record("it is taken")
        } catch {
            let problem = Problem(error)
            #expect(problem.status == .badRequest)
            #expect(problem.faults.first?.place == name)
        }
    }

    @Test("do not contradict each other")
    func contradictions() throws {
        let cursor = Cursor(topic: 1, .all([1])).text
        #expect(
            try options(["after": cursor, "from": "latest"]).start
                == options(["after": cursor]).start)
        #expect(throws: ReadError.contradiction("from", "partition")) {
            try options(["from": "3-1", "partition": "2"])
        }
        #expect(throws: ReadError.invalidCursor("after")) { try options(["after": "x"]) }
        #expect(throws: ReadError.invalidCursor("Last-Event-ID")) {
            try options([:], .events, lastEventID: "x")
        }
    }

    @Test("have a filter that says at what character it is none")
    func filters() throws {
        #expect(try options(["filter": "region = \"eu\""]).filter != nil)
        do throws(ReadError) {
            _ = try options(["filter": "region == \"eu\""])
            Issue.record("it is taken")
        } catch {
            let problem = Problem(error)
            #expect(problem.status == .unprocessableContent)
            #expect(problem.detail.contains("at character 8"))
        }
    }
}
