import Records
import Settings
import Testing

@testable import Bench

@Suite("What a bench measures")
struct LatencyTests {
    @Test("is exact below 32, and within a thirty-second part above")
    func shares() {
        var latencies = Latencies()
        #expect(latencies.within(perMille: 500) == nil)
        for value in UInt64(1)...10_000 { latencies.record(nanoseconds: value) }
        for perMille in [1, 10, 500, 900, 990, 999, 1_000] {
            let exact = UInt64(perMille * 10)
            let found = latencies.within(perMille: perMille) ?? 0
            #expect(found >= exact && found <= exact + exact / 32, "\(perMille)")
        }
        #expect(latencies.longest == 10_000)
    }

    @Test("takes any time there is", arguments: [0, 31, 32, 63, 64, 1 << 40, .max as UInt64])
    func takesAll(value: UInt64) {
        var latencies = Latencies()
        latencies.record(nanoseconds: value)
        #expect(latencies.within(perMille: 500) == value)
    }

    @Test("adds up over threads, and keeps refusals apart from answers")
    func tallies() {
        var (one, other) = (Tally(), Tally())
        one.note(status: 201, after: 10, messages: 3)
        one.note(status: 503, after: 1, messages: 3)
        other.note(status: 503, after: 1, messages: 3)
        other.nanoseconds = 2_000_000_000
        #expect(!one.isClean(needsMessages: false))
        one.add(other)
        #expect(one.answers == 1 && one.messages == 3 && one.refusals == [503: 2])
        #expect(one.latencies.count == 1)
        #expect(one.perSecond(3) == 1.5)
    }
}

private func benchSettings(_ arguments: [String]) throws -> BenchSettings {
    let layers = try SettingsLayers(command: .bench, arguments: arguments, environment: [])
    return BenchSettings(layers.resolved)
}

private func benchSettings(_ arguments: String...) throws -> BenchSettings {
    try benchSettings(arguments)
}

/// What ends a page of frames.
private let summary: [UInt8] = {
    var bytes: [UInt8] = []
    bytes.appendFrame(summary: Array("{}".utf8)[...])
    return bytes
}()

@Suite("What a page of messages holds")
struct PageCounterTests {
    @Test(
        "is counted as a client would read it",
        arguments: [
            (BenchFormat.json, #"{"messages":[],"next":"c","ended":"data","lag":0}"#, 0, 0),
            (
                .json,
                #"{"messages":[{"id":"0-1","attributes":{"value":"no"},"value":"abc"},{"value_base64":"AAECAw=="}],"lag":1}"#,
                2, 9
            ),
            (.ndjson, "", 0, 0),
            (.ndjson, "{\"value\":\"abc\"}\n{\"id\":\"0-2\",\"value\":\"d\"}\n", 2, 4),
        ])
    func counts(format: BenchFormat, page: String, messages: Int, bytes: Int) {
        var counter = PageCounter(format)
        let expected = PageCounter.Count(messages: messages, bodyBytes: bytes)
        #expect(counter.count(Array(page.utf8)) == expected)
    }

    @Test("says where the receipt of a pull is", arguments: [BenchFormat.json, .binary])
    func receipts(format: BenchFormat) {
        let rest =
            #""receipt":"AQ\#(format)","ended":"data","settled":{"results":[{"receipt":"no"}]}"#
        var page: [UInt8] = []
        switch format {
        case .binary: page.appendFrame(summary: Array("{\(rest)}".utf8)[...])
        default: page = Array(#"{"messages":[{"value":"a","receipt":"own"}],\#(rest)}"#.utf8)
        }
        var counter = PageCounter(format)
        let receipt = counter.count(page)?.receipt ?? 0..<0
        #expect(String(decoding: page[receipt], as: UTF8.self) == "AQ\(format)")
    }

    @Test(
        "is nothing where it is cut short, or something else",
        arguments: [
            (BenchFormat.json, #"{"messages":[{"value":"a"}]"#), (.json, "[]"), (.json, ""),
            (.json, #"{"messages":{}}"#), (.ndjson, #"{"value":"a"}"#), (.ndjson, "7\n"),
            (.ndjson, "{} {}\n"), (.binary, ""), (.binary, "{}"), (.stored, ""),
        ])
    func refuses(format: BenchFormat, page: String) {
        var counter = PageCounter(format)
        #expect(counter.count(Array(page.utf8)) == nil)
    }
}

@Suite("A round of parked readers")
struct ParkRoundTests {
    @Test("publishes after the pause, and is over when all have the message")
    func course() {
        var round = ParkRound(deliveries: 3, pause: 10, at: 100)
        #expect(!round.isDue(at: 109) && round.isDue(at: 110))
        round.delay(to: 120)
        #expect(!round.isDue(at: 110) && round.isDue(at: 120))
        round.publish(at: 121)
        #expect(!round.isDue(at: 500))
        #expect(round.deliver(at: 130) == 9)
        #expect(round.confirm(at: 128) == 7)
        #expect(round.deliver(at: 131) == 10)
        #expect(!round.isOver(lost: 0) && round.isOver(lost: 1))
        #expect(round.deliver(at: 140) == 19)
        #expect(round.isOver(lost: 0))
    }

    @Test("takes no time from a message that somebody else published")
    func foreign() {
        var round = ParkRound(deliveries: 1, pause: 10, at: 100)
        #expect(round.deliver(at: 105) == nil)
        round.publish(at: 110)
        #expect(!round.isOver(lost: 0))
        #expect(round.confirm(at: 111) == 1)
        #expect(round.isOver(lost: 0))
    }
}

@Suite("How readers ask")
struct ReadPlanTests {
    @Test("for the first page and for those behind it")
    func asks() throws {
        let settings = try benchSettings("read", "--topics", "2", "--format", "binary")
        let plan = try ReadPlan(settings, from: .earliest, wait: nil)
        var request: [UInt8] = []
        plan.write(topic: 3, after: [], to: &request)
        #expect(
            String(decoding: request, as: UTF8.self) == """
                GET /v1/topics/bench-1/messages?wait=0&max_messages=1000&max_bytes=8MiB&from=earliest \
                HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: application/vnd.posthorn.batch\r\n\r\n
                """)
        plan.write(topic: 0, after: Array("xyz".utf8), to: &request)
        #expect(String(decoding: request, as: UTF8.self).contains("bench-0/messages?wait=0&"))
        #expect(String(decoding: request, as: UTF8.self).contains("&after=xyz HTTP/1.1\r\n"))
    }
}

@Suite("How consumers ask")
struct WorkPlanTests {
    @Test("and settle inside of a pull what they had before")
    func asks() throws {
        let settings = try benchSettings(
            "work", "--topics", "2", "--groups", "3", "--group", "g", "--page", "5")
        let plan = try WorkPlan(settings, wait: nil)
        var request: [UInt8] = []
        plan.write(group: 4, settling: [], to: &request)
        let head = """
            POST /v1/groups/g-1/pull?wait=0&max_messages=5&max_bytes=8MiB\
            &topic=bench-0&topic=bench-1 HTTP/1.1\r\n\
            Host: 127.0.0.1:8080\r\nAccept: application/json\r\nContent-Type: application/json\r\n
            """
        #expect(String(decoding: request, as: UTF8.self) == head + "Content-Length: 2\r\n\r\n{}")
        plan.write(group: 1, settling: Array("AQ".utf8), to: &request)
        let body = #"{"settle":{"acks":["AQ"]}}"#
        #expect(
            String(decoding: request, as: UTF8.self)
                == head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
    }

    @Test("for one group at least, and for no more topics than a pull can name")
    func bounds() throws {
        let plan = try WorkPlan(try benchSettings("work", "--topics", "1000"), wait: .seconds(25))
        var request: [UInt8] = []
        plan.write(group: 7, settling: [], to: &request)
        let text = String(decoding: request, as: UTF8.self)
        #expect(text.hasPrefix("POST /v1/groups/bench-0/pull?wait=25s&"))
        #expect(text.components(of: "topic=") == WorkPlan.topicsMax)
    }
}

@Suite("The requests of a bench")
struct RequestSetTests {
    private func requests(_ arguments: String...) throws -> [String] {
        let set = try RequestSet(benchSettings(arguments))
        return set.requests.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("take topics and keys in turns, and no more than there are")
    func turns() throws {
        let found = try requests("--topics", "2", "--keys", "3", "--body", "4")
        #expect(found.count == 16)
        #expect(found[1].hasPrefix("POST /v1/topics/bench-1/messages HTTP/1.1\r\n"))
        #expect(found[2].contains("Posthorn-Key: key-2\r\n"))
        #expect(found[0].contains("Content-Length: 4\r\n"))
        #expect(try requests("--keys", "1000000", "--body", "0").count == RequestSet.countMax)
    }

    @Test("are a batch of as many messages as wanted")
    func batches() throws {
        let found = try requests("publish", "--batch", "5", "--durability", "flushed")
        #expect(found.count == 16 && found[0] != found[1])
        #expect(found[0].hasPrefix("POST /v1/topics/bench-0/batches"))
        #expect(found[0].components(of: "\"value\":") == 5)
        #expect(found[0].contains("Posthorn-Durability: flushed\r\n"))
    }

    @Test("have as many messages in every format", arguments: BenchFormat.allCases)
    func formats(format: BenchFormat) throws {
        let settings = try benchSettings(
            "--batch", "7", "--body", "300", "--format", format.rawValue)
        let request = try #require(try RequestSet(settings).requests.first)
        let text = String(decoding: request, as: UTF8.self)
        let body = Array(request[(text.firstEnd(of: "\r\n\r\n") ?? 0)...])
        switch format {
        case .json: #expect(text.components(of: "\"value\":") == 7)
        case .ndjson: #expect(body.count == 7 * 301 && body.count { $0 == 10 } == 7)
        case .binary:
            // They are read as they are given, too, but for the summary behind them.
            var counter = PageCounter(format)
            #expect(counter.count(body) == nil)
            #expect(
                counter.count(body + summary) == PageCounter.Count(messages: 7, bodyBytes: 2_100))
        case .stored:
            var counter = PageCounter(format)
            #expect(
                counter.count(body + summary) == PageCounter.Count(messages: 7, bodyBytes: 2_100))
        }
    }

    @Test("of a batch that is larger than one may rest go as several")
    func largeBatch() throws {
        let settings = try benchSettings("--batch", "300", "--format", "stored")
        var batch = BatchText(settings, text: BodyText(size: 4_096, seed: 1))
        var counter = PageCounter(.stored)
        let expected = PageCounter.Count(messages: 300, bodyBytes: 300 * 4_096)
        #expect(counter.count(batch.next(key: nil) + summary) == expected)
    }

    @Test("for a static answer are one")
    func still() throws {
        let found = try requests("static", "--path", "/livez", "--topics", "9")
        #expect(found.count == 1 && found[0].hasPrefix("GET /livez HTTP/1.1\r\n"))
        #expect(throws: (any Error).self) { try requests("static", "--path", "a b") }
    }
}

extension String {
    /// Behind the first `part`, in bytes.
    fileprivate func firstEnd(of part: String) -> Int? {
        firstRange(of: part).map { utf8.distance(from: utf8.startIndex, to: $0.upperBound) }
    }

    fileprivate func components(of part: String) -> Int {
        var (count, rest) = (0, self[...])
        while let found = rest.firstRange(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
