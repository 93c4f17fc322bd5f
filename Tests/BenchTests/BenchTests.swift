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
        #expect(one.isClean == false)
        one.add(other)
        #expect(one.answers == 1 && one.messages == 3 && one.refusals == [503: 2])
        #expect(one.latencies.count == 1)
        #expect(one.perSecond(3) == 1.5)
    }
}

@Suite("The requests of a bench")
struct RequestSetTests {
    private func requests(_ arguments: String...) throws -> [String] {
        let layers = try SettingsLayers(command: .bench, arguments: arguments, environment: [])
        let set = try RequestSet(BenchSettings(layers.resolved))
        return set.requests.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("take topics and keys in turns, and no more than there are")
    func turns() throws {
        let found = try requests("--topics", "2", "--keys", "3", "--body", "4")
        #expect(found.count == 3)
        #expect(found[1].hasPrefix("POST /v1/topics/bench-1/messages HTTP/1.1\r\n"))
        #expect(found[2].contains("Posthorn-Key: key-2\r\n"))
        #expect(found[0].contains("Content-Length: 4\r\n"))
        #expect(try requests("--keys", "1000000", "--body", "0").count == RequestSet.countMax)
    }

    @Test("are a batch of as many messages as wanted")
    func batches() throws {
        let found = try requests("publish", "--batch", "5", "--durability", "flushed")
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("POST /v1/topics/bench-0/batches"))
        #expect(found[0].components(of: "\"value\":") == 5)
        #expect(found[0].contains("Posthorn-Durability: flushed\r\n"))
    }

    @Test("for a static answer are one")
    func still() throws {
        let found = try requests("static", "--path", "/livez", "--topics", "9")
        #expect(found.count == 1 && found[0].hasPrefix("GET /livez HTTP/1.1\r\n"))
        #expect(throws: (any Error).self) { try requests("static", "--path", "a b") }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var (count, rest) = (0, self[...])
        while let found = rest.firstRange(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
