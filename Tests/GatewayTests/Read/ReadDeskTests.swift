import Bytes
import HTTP
import Records
import Simulation
import Telemetry
import Testing
import Wire

@testable import Gateway

@Suite("The desk for reads")
struct ReadDeskTests {
    @Test("gives what is there, and where it goes on")
    func reads() throws {
        let bench = ReadBench()
        bench.publish(["a", "b"], to: 0)
        bench.publish(["c"], to: 1)
        bench.publish(["d"], to: 0)
        let page = try ReadPage(bench.read("wait=0"))
        #expect(page.ids == ["0-0", "0-1", "1-0", "0-2"])
        #expect(page.values == ["a", "b", "c", "d"])
        #expect(page.ended == "data")
        #expect(page.lag == 0)
        let rest = try ReadPage(bench.read("wait=0&after=\(page.next)"))
        #expect(rest.ids.isEmpty)
        #expect(rest.ended == "timeout")
        #expect(rest.next == page.next)
        bench.publish(["e"], to: 1)
        #expect(try ReadPage(bench.read("wait=0&after=\(page.next)")).values == ["e"])
        #expect(bench.isQuiet)
    }

    @Test("begins where it is told to")
    func starts() throws {
        let bench = ReadBench()
        bench.publish(["a", "b"], to: 0)
        bench.publish(["c"], to: 1)
        let time = bench.logTime + 1
        bench.publish(["d"], to: 1)
        bench.publish(["e"], to: 0)
        var text: [UInt8] = []
        Timestamp.append(Int64(time), to: &text)
        let moment = String(decoding: text, as: UTF8.self)
        #expect(try ReadPage(bench.read("wait=0&from=\(moment)")).values == ["d", "e"])
        #expect(try ReadPage(bench.read("wait=0&from=0-1")).values == ["b", "e"])
        #expect(try ReadPage(bench.read("wait=0&partition=1")).values == ["c", "d"])
        let latest = try ReadPage(bench.read("wait=0&from=latest"))
        #expect(latest.values.isEmpty)
        bench.publish(["f"], to: 0)
        #expect(try ReadPage(bench.read("wait=0&after=\(latest.next)")).values == ["f"])
        #expect(try ReadPage(bench.read("wait=0&after=\(latest.next)&partition=1")).values == [])
        let published = Cursor.after(partition: 1, offset: 0, of: 7, count: 2, logTime: time - 1)
        let after = try ReadPage(bench.read("wait=0&after=\(published.text)"))
        #expect(after.values == ["d", "e", "f"])
        let one = try ReadPage(bench.read("wait=0&partition=1&after=\(published.text)"))
        #expect(one.values == ["d"])
    }

    @Test(
        "reads every message once and in order, whatever the pages are", arguments: UInt64(1)...30)
    func pages(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let partitions = random.number(in: 1...5)
        let bench = ReadBench(partitions: partitions, shards: random.number(in: 1...3))
        var written: [[String]] = Array(repeating: [], count: partitions)
        var number = 0
        func write() {
            let partition = random.number(in: 0...partitions - 1)
            let count = random.number(in: 1...random.pick([1, 5, 40]))
            let bodies = (0..<count).map { _ in
                number += 1
                return "\(number)" + String(repeating: "x", count: random.number(in: 0...200))
            }
            let region = random.pick(["eu", "us"])
            bench.publish(bodies, to: partition) { draft in
                draft.attributes = [
                    RecordAttribute(name: Array("region".utf8)[...], value: Array(region.utf8)[...])
                ]
            }
            if region == "eu" || !isFiltered { written[partition] += bodies }
        }
        let isFiltered = random.oneIn(2)
        for _ in 0..<random.number(in: 0...30) { write() }
        var seen: [[String]] = Array(repeating: [], count: partitions)
        var next = "from=earliest"
        var emptyCount = 0
        for _ in 0..<5_000 where emptyCount < 2 {
            if random.oneIn(4), number < 2_000 { write() }
            var query = "wait=0&\(next)&max_messages=\(random.number(in: 1...50))"
            query += "&max_bytes=\(random.number(in: 1...9_000))"
            if isFiltered { query += "&filter=region = \"eu\"" }
            let page = try ReadPage(bench.read(query))
            for (id, value) in zip(page.ids, page.values) {
                let place = try #require(MessageID(Array(id.utf8)[...]))
                seen[Int(place.partition)].append(value)
            }
            next = "after=\(page.next)"
            emptyCount = page.ended == "timeout" ? emptyCount + 1 : 0
        }
        #expect(seen == written, "rerun with seed \(seed)")
        #expect(bench.isQuiet && bench.pendingCount == 0, "rerun with seed \(seed)")
    }

    @Test("always gives the first message, and then no more than was wanted")
    func bounds() throws {
        let bench = ReadBench(partitions: 1)
        for _ in 0..<9 { bench.publish([String(repeating: "x", count: 1_000)], to: 0) }
        let one = try ReadPage(bench.read("wait=0&max_bytes=10"))
        #expect(one.ids == ["0-0"])
        #expect(one.ended == "limit")
        #expect(one.lag == 8)
        #expect(try ReadPage(bench.read("wait=0&max_bytes=2500")).ids.count == 2)
        #expect(try ReadPage(bench.read("wait=0&max_messages=3")).ids.count == 3)
    }

    @Test("minds what is not kept any more, unless it begins at the beginning")
    func retention() throws {
        let bench = ReadBench()
        for _ in 0..<4 { bench.publish(["a"], to: 0) }
        let old = try ReadPage(bench.read("wait=0&max_messages=1")).next
        bench.starts = [2, 0]
        #expect(try ReadPage(bench.read("wait=0")).ids == ["0-2", "0-3"])
        let earliest = Cursor(topic: 7, .all([2, 0]))
        #expect(throws: GatewayError.read(.beyondRetention(earliest: earliest))) {
            try bench.read("wait=0&after=\(old)")
        }
        #expect(try ReadPage(bench.read("wait=0&after=\(earliest.text)")).ids.count == 2)
        #expect(throws: GatewayError.self) { try bench.read("wait=0&from=0-1") }
        let problem = Problem(.read(.beyondRetention(earliest: earliest)))
        let body = problem.response(path: nil, requestID: []).body
        #expect(try jsonValues(body)["earliest"] == earliest.text)
    }

    @Test("tells what its topic is not")
    func topics() throws {
        let bench = ReadBench()
        let other = Cursor(topic: 6, .all([0, 0])).text
        #expect(throws: GatewayError.read(.otherTopic)) { try bench.read("wait=0&after=\(other)") }
        #expect(throws: GatewayError.read(.noSuchPartition(count: 2))) {
            try bench.read("wait=0&partition=2")
        }
        bench.topics.apply(.deleted(id: 7, name: "orders"))
        let cursor = Cursor(topic: 7, .all([0, 0])).text
        #expect(throws: GatewayError.topic(.noSuchTopic("orders"))) {
            try bench.read("wait=0&after=\(cursor)")
        }
        #expect(try ReadPage(bench.read("wait=0")).ids.isEmpty)
        #expect(bench.topics.find("orders") != nil)
        bench.refusal = .failed
        #expect(throws: GatewayError.read(.storage(.failed))) { try bench.read("wait=0") }
        bench.refusal = .noSuchTopic
        #expect(throws: GatewayError.read(.storage(.noSuchTopic))) { try bench.read("wait=0") }
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("leaves out what has expired")
    func expiry() throws {
        let bench = ReadBench(partitions: 1)
        bench.publish(["short"], to: 0) { $0.ttl = 5 }
        bench.publish(["long"], to: 0) { $0.ttl = 1_000 }
        #expect(try ReadPage(bench.read("wait=0")).values == ["short", "long"])
        bench.logTime += 5
        #expect(try ReadPage(bench.read("wait=0")).values == ["long"])
    }

    @Test("says in its fields what the page says, and lets full pages be kept")
    func fields() throws {
        let bench = ReadBench(partitions: 1)
        for _ in 0..<5 { bench.publish(["a"], to: 0) }
        let open = try bench.read("wait=0")
        #expect(field("Cache-Control", open) == "no-store")
        #expect(open.etag == nil)
        #expect(field("Posthorn-Ended", open) == "data")
        #expect(field("Posthorn-Lag", open) == "0")
        #expect(field("Posthorn-Wait", open) == "0s")
        #expect(try field("Posthorn-Next", open) == ReadPage(open).next)
        let full = try bench.read("wait=0&from=0-1&max_messages=2")
        #expect(field("Cache-Control", full) == "private, max-age=60")
        #expect(full.etag != nil)
        #expect(try bench.read("wait=0&from=0-1&max_messages=2").etag == full.etag)
        #expect(try bench.read("wait=0&max_messages=2").etag == nil)
    }

    @Test("has a form for everybody")
    func forms() throws {
        let bench = ReadBench(partitions: 1)
        bench.publish(["a", "b\n\"", "c"], to: 0) { draft in
            draft.key = Array("k".utf8)[...]
            draft.contentType = Array("text/plain".utf8)[...]
        }
        let lines = try bench.read("wait=0", .lines)
        let texts = String(decoding: lines.body, as: UTF8.self).split(separator: "\n")
        #expect(texts.count == 3)
        let second = try jsonValues(Array(texts[1].utf8))
        #expect(second["value"] == "b\n\"")
        #expect(second["key"] == "k")
        #expect(second["content_type"] == "text/plain")
        #expect(second["topic"] == "orders")
        #expect(second["published_at"] != nil)
        for format in [ReadFormat.frames, .storedFrames] {
            let body = try bench.read("wait=0", format).body
            var reader = FrameReader(in: 0..<body.count, .toClient)
            var bodies: [String] = []
            var hasSummary = false
            while let frame = try reader.next(body.span) {
                switch frame {
                case .message(let message):
                    bodies.append(String(decoding: body[message.body], as: UTF8.self))
                case .batch(let batch):
                    #expect(format == .storedFrames)
                    var batches = BatchReader()
                    try batches.open(Array(body[batch.batch]))
                    for index in batch.first..<batch.first + batch.count {
                        let record = try #require(try batches.record(at: index))
                        bodies.append(String(decoding: batches.bytes[record.body], as: UTF8.self))
                    }
                case .summary(let range):
                    hasSummary = true
                    #expect(try jsonValues(Array(body[range]))["ended"] == "data")
                }
            }
            #expect(bodies == ["a", "b\n\"", "c"])
            #expect(hasSummary)
        }
    }

    @Test("gives one message as it was published")
    func single() throws {
        let bench = ReadBench()
        bench.publish(["a"], to: 0)
        bench.publish(["<b>"], to: 0) { draft in
            draft.contentType = Array("text/html".utf8)[...]
            draft.key = Array("ké%\r\n".utf8)[...]
            draft.attributes = [
                RecordAttribute(name: Array("ce-id".utf8)[...], value: Array("1 ".utf8)[...]),
                RecordAttribute(name: Array("a b".utf8)[...], value: Array("x".utf8)[...]),
            ]
        }
        func get(_ id: String, isEnvelope: Bool = false) throws -> Response {
            try bench.desk.get(
                Array(id.utf8)[...], isEnvelope: isEnvelope, of: Array("orders".utf8)[...],
                for: ReadBench.caller(1), in: bench.topics, at: bench.moment)
            bench.settle()
            return try bench.response(bench.takeAnswers().first)
        }
        let raw = try get("0-1")
        #expect(raw.body == Array("<b>".utf8))
        #expect(field("Content-Type", raw) == "text/html")
        #expect(field("X-Content-Type-Options", raw) == "nosniff")
        #expect(field("Posthorn-Id", raw) == "0-1")
        #expect(field("Posthorn-Key", raw) == "k%C3%A9%25%0D%0A")
        #expect(field("ce-id", raw) == "1%20")
        #expect(field("Posthorn-Attr-a%20b", raw) == "x")
        #expect(raw.etag != nil)
        let envelope = try get("0-1", isEnvelope: true)
        #expect(try jsonValues(envelope.body)["value"] == "<b>")
        #expect(envelope.etag != raw.etag)
        #expect(throws: GatewayError.read(.messageHeld)) { try get("h-0-1-1") }
        for id in ["0-2", "5-x", "", "1-0"] {
            #expect(throws: GatewayError.read(.noSuchMessage)) { try get(id) }
        }
        bench.starts = [1, 0]
        #expect(throws: GatewayError.read(.messageGone)) { try get("0-0") }
        #expect(bench.isQuiet)
    }

    @Test("writes what is no text in base64")
    func bytes() throws {
        let bench = ReadBench(partitions: 1)
        bench.publish(["x"], to: 0) { $0.body = [0xFF, 0, 1, 2] }
        let json = try jsonValues(bench.read("wait=0").body)
        #expect(json["messages.0.value_base64"] == "/wABAg==")
        #expect(json["messages.0.value"] == nil)
    }
}

extension ReadDeskTests {
    @Test("merges partitions by time, on every page the same", arguments: UInt64(1)...40)
    func order(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bench = ReadBench(partitions: 4, shards: 2)
        var written: [String] = []
        for number in 0..<60 {
            let body = "\(number)" + String(repeating: "x", count: random.number(in: 0...3_000))
            written.append(body)
            bench.publish([body], to: random.pick([0, 0, 0, 1, 2, 3]))
        }
        var seen: [String] = []
        var next = "from=earliest"
        for _ in 0..<100 where seen.count < written.count {
            let bytes = random.number(in: 100...40_000)
            let page = try ReadPage(bench.read("wait=0&\(next)&max_bytes=\(bytes)"))
            seen += page.values
            next = "after=\(page.next)"
        }
        #expect(seen == written, "rerun with seed \(seed)")
    }

    @Test("takes what fell due of a batch that was held, each at its own offset")
    func picks() throws {
        let bench = ReadBench(partitions: 1)
        bench.publish(["a", "b", "c", "d"], to: 0)
        bench.picks = [1, 3]
        for format in [ReadFormat.json, .storedFrames] {
            let response = try bench.read("wait=0", format)
            guard format == .json else {
                var reader = FrameReader(in: 0..<response.body.count, .toClient)
                guard case .message(let message) = try reader.next(response.body.span) else {
                    Issue.record("a batch that was held is no run of offsets")
                    continue
                }
                #expect(message.offset == 0)
                continue
            }
            let page = try ReadPage(response)
            #expect(page.ids == ["0-0", "0-1"])
            #expect(page.values == ["b", "d"])
        }
    }

    @Test("counts what was read, and reports it once")
    func counts() throws {
        let bench = ReadBench(partitions: 1)
        let metrics = GatewayMetrics()
        bench.publish(["a", "b"], to: 0)
        _ = try bench.read("wait=0")
        bench.desk.report(to: metrics)
        bench.desk.report(to: metrics)
        #expect(metrics.readMessages.value == 2)
        #expect(metrics.fetches.value == 1)
        try bench.start(1, "from=latest")
        bench.settle()
        bench.desk.report(to: metrics)
        #expect(metrics.parked.value == 1)
    }
}
