import Bytes
import HTTP
import Simulation
import Testing
import Wire

@testable import Gateway

/// What a client of server-sent events has heard.
private struct Listener {
    var hasBegun = false
    var isOver = false
    var text = ""

    mutating func take(_ content: DeskStream.Content) {
        switch content {
        case .begin:
            #expect(!hasBegun)
            hasBegun = true
        case .bytes(let bytes):
            if !hasBegun || isOver { Issue.record("bytes come outside of the stream") }
            text += String(decoding: bytes, as: UTF8.self)
        case .end:
            #expect(hasBegun && !isOver)
            isOver = true
        }
    }

    private func lines(_ name: String) -> [String] {
        let start = Array((name + ": ").utf8)
        return text.utf8.split(separator: .lf).filter { $0.starts(with: start) }
            .map { String($0.dropFirst(start.count)) ?? "" }
    }

    var ids: [String] { lines("id") }
    var events: [String] { lines("data") }

    func values() throws -> [String] {
        try events.map { try jsonValues(Array($0.utf8))["value"] ?? "" }
    }
}

private final class Audience {
    let bench: ReadBench
    var listeners: [Exchange: Listener] = [:]

    init(_ bench: ReadBench) { self.bench = bench }

    func hear() {
        _ = bench.takeAnswers()
        for stream in bench.streams {
            listeners[stream.caller, default: Listener()].take(stream.content)
        }
        bench.streams = []
    }

    subscript(number: Int) -> Listener {
        hear()
        return listeners[ReadBench.caller(number)] ?? Listener()
    }
}

@Suite("Server-sent events")
struct EventStreamTests {
    @Test("come as they are published, each with the place behind it")
    func comes() throws {
        let bench = ReadBench()
        let audience = Audience(bench)
        bench.publish(["a"], to: 0)
        try bench.start(1, "", .events)
        bench.settle()
        #expect(audience[1].text.hasPrefix("retry: 1000\nid: "))
        #expect(try audience[1].values() == ["a"])
        bench.publish(["b", "c\n"], to: 1)
        bench.settle()
        let heard = audience[1]
        #expect(try heard.values() == ["a", "b", "c\n"])
        #expect(heard.ids.count == 4)
        for (place, id) in heard.ids.enumerated() {
            let page = try ReadPage(bench.read("wait=0&after=\(id)"))
            #expect(page.values == Array(["a", "b", "c\n"].dropFirst(place)))
        }
        #expect(bench.counts.parked == 1)
        bench.desk.forget(ReadBench.caller(1))
        bench.settle()
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("begin behind the last one that a client has")
    func resumes() throws {
        let bench = ReadBench(partitions: 1)
        let audience = Audience(bench)
        bench.publish(["a", "b"], to: 0)
        let place = Cursor(topic: 7, .all([1]))
        let options = try ReadOptions(.events, bench.desk.settings, lastEventID: place.bytes) {
            $0 == "from" ? Array("latest".utf8) : nil
        }
        try bench.desk.read(
            options, of: Array("orders".utf8)[...], for: ReadBench.caller(1), in: bench.topics,
            at: bench.moment)
        bench.settle()
        #expect(try audience[1].values() == ["b"])
    }

    @Test("have a line now and then when nothing comes, and an end in a drain")
    func beats() throws {
        let bench = ReadBench()
        let audience = Audience(bench)
        for number in 0..<50 { try bench.start(number, "from=latest", .events) }
        bench.settle()
        #expect(audience[1].text.hasSuffix("\n\n"))
        for _ in 0..<3 {
            bench.now += 15_000
            bench.desk.expire(at: bench.moment)
        }
        #expect(audience[1].text.hasSuffix("\n\n:\n:\n:\n"))
        bench.desk.drain(until: bench.now + 1_000, at: bench.moment)
        bench.now += 1_001
        bench.desk.expire(at: bench.moment)
        audience.hear()
        #expect(audience.listeners.values.filter(\.isOver).count == 50)
        bench.settle()
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("end when their topic does")
    func topicGone() throws {
        let bench = ReadBench()
        let audience = Audience(bench)
        try bench.start(1, "", .events)
        bench.settle()
        bench.topics.apply(.deleted(id: 7, name: "orders"))
        bench.publish(["a"], to: 0)
        bench.refusal = .noSuchTopic
        bench.settle()
        #expect(audience[1].isOver)
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("are no answer where the first look fails")
    func fails() throws {
        let bench = ReadBench()
        bench.refusal = .failed
        try bench.start(1, "", .events)
        bench.settle()
        let answers = bench.takeAnswers()
        #expect(answers.count == 1)
        #expect(bench.streams.isEmpty)
        #expect(throws: GatewayError.read(.storage(.failed))) {
            try bench.response(answers.first)
        }
    }

    @Test("are fetched and written once for all who listen")
    func shares() throws {
        let bench = ReadBench()
        let audience = Audience(bench)
        for number in 0..<500 { try bench.start(number, "", .events) }
        bench.settle()
        let before = bench.fetchCount
        for _ in 0..<5 {
            bench.publish(["a"], to: 0)
            bench.settle()
        }
        #expect(bench.fetchCount == before + 5)
        audience.hear()
        #expect(audience.listeners.count == 500)
        for listener in audience.listeners.values { #expect(try listener.values().count == 5) }
    }

    @Test("reach slow and fast clients once and in order", arguments: UInt64(1)...20)
    func paces(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bench = ReadBench(partitions: random.number(in: 1...3))
        let audience = Audience(bench)
        var written: [[String]] = Array(repeating: [], count: 4)
        var number = 0
        var paused: Set<Int> = []
        for step in 0..<random.number(in: 10...100) {
            let one = step % 8
            switch random.number(in: 0...7) {
            case 0 where audience.listeners[ReadBench.caller(one)] == nil:
                try bench.start(one, random.pick(["", "max_messages=2"]), .events)
                audience.listeners[ReadBench.caller(one)] = Listener()
            case 1, 2:
                let partition = random.number(in: 0...bench.topic.shards.count - 1)
                let bodies = (0..<random.number(in: 1...4)).map { "\(number + $0)" }
                number += bodies.count
                written[partition] += bodies
                bench.publish(bodies, to: partition)
            case 3:
                bench.desk.pause(ReadBench.caller(one))
                paused.insert(one)
            case 4:
                bench.desk.resume(ReadBench.caller(one))
                paused.remove(one)
            case 5 where bench.topic.shards.count < 4 && random.oneIn(3):
                bench.grow(to: bench.topic.shards.count + 1)
                bench.desk.hear(.put(bench.topic), in: bench.topics)
            case 6:
                bench.take()
                if !bench.calls.isEmpty { bench.answerOne(0) }
            default: bench.settle()
            }
            audience.hear()
        }
        for one in paused { bench.desk.resume(ReadBench.caller(one)) }
        bench.settle()
        audience.hear()
        for listener in audience.listeners.values {
            var seen: [[String]] = Array(repeating: [], count: 4)
            for event in listener.events {
                let json = try jsonValues(Array(event.utf8))
                let partition = try #require(Int(json["partition"] ?? ""))
                seen[partition].append(json["value"] ?? "")
            }
            #expect(seen == written, "rerun with seed \(seed)")
        }
        for one in 0..<8 { bench.desk.forget(ReadBench.caller(one)) }
        bench.settle()
        #expect(bench.isQuiet && bench.pendingCount == 0, "rerun with seed \(seed)")
    }
}
