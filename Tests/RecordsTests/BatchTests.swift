import Bytes
import Simulation
import Testing

@testable import Records

private func record(_ body: String, time: UInt64 = 1_000) -> RecordDraft {
    RecordDraft(time: time, body: Array(body.utf8)[...])
}

@Suite("Batches")
struct BatchTests {
    @Test("What is encoded is decoded", arguments: UInt64(1)...30)
    func roundTrip(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let records = maker.records(countMax: seed % 10 == 0 ? 1_000 : 30)
        let builder = maker.builder()
        for compression in Compression.allCases {
            let batch = try encode(records, compression, builder: builder)
            let decoded = try decode(batch)
            #expect(timeless(decoded) == timeless(records), "rerun with seed \(seed)")
            let base = records[0].time
            #expect(decoded.map(\.time) == records.map { max($0.time, base) })
            #expect(try encode(decoded, compression, builder: builder) == batch)
            var reader = BatchReader()
            try reader.open(batch)
            try reader.audit()
        }
    }

    /// Written by a program of a few lines of Python, with zlib, after docs/log-format.md.
    @Test("Batches that another program has made are read", arguments: [1, 2, 3])
    func otherProgram(_ number: Int) throws {
        var reader = BatchReader()
        try reader.open(try file("Tests/Fuzz/corpus/batch/0\(number)"))
        try reader.audit()
        let header = try #require(reader.view?.header)
        #expect(header.codec == (number == 2 ? .deflate : .none))
        #expect(header.baseTime == 1_700_000_000_000)
        var bodies: [String] = []
        while let record = try reader.nextRecord() {
            bodies.append(String(decoding: reader.bytes[record.body], as: UTF8.self))
        }
        let hellos = String(repeating: "hello ", count: 120)
        #expect(bodies == [["hello", "{}"], [hellos], ["x"]][number - 1])
        let first = reader.entry(0)
        #expect(first.expiry(appendedAt: 1) == (number == 2 ? 5_001 : nil))
        #expect(first.due(appendedAt: 1) == (number == 2 ? 60_001 : nil))
    }

    @Test("Any record is found alone, in a batch that is anywhere", arguments: UInt64(1)...20)
    func oneRecord(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let records = maker.records()
        let batch = try encode(records, maker.random.oneIn(2) ? .deflate : .none)
        let before = [UInt8](repeating: 0xEE, count: maker.random.number(in: 0...50))
        var reader = BatchReader()
        try reader.open(before + batch + [1, 2, 3], at: before.count)
        for index in records.indices.shuffled(using: &maker.random) {
            let found = try #require(try reader.record(at: index))
            #expect(found.index == index)
            let draft = found.draft(reader.bytes, reader.entry(index))
            #expect(timeless([draft]) == timeless([records[index]]), "rerun with seed \(seed)")
        }
    }

    @Test("A place in the log is given without touching what is summed")
    func place() throws {
        let batch = try encode([record("a"), record("b")], .none)
        var placed = [9, 9] + batch
        BatchHeader.place(
            batchAt: 2, in: &placed, topicID: 7, partition: 3, baseOffset: 1 << 40, logTime: 55)
        let view = try BatchView(placed.span, at: 2)
        try view.checkChecksum(placed.span)
        #expect(view.header.topicID == 7 && view.header.partition == 3)
        #expect(view.header.baseOffset == 1 << 40 && view.header.endOffset == 1 << 40 + 2)
        #expect(view.header.logTime == 55)
        let first = BatchHeader.Place.attributes
        #expect(placed[(2 + first)...] == batch[first...])
    }

    @Test("The directory answers without the payload")
    func directory() throws {
        var keyed = record("a")
        keyed.key = Array("k".utf8)[...]
        keyed.ttl = 500
        var marked = record("b")
        marked.attributes = [
            RecordAttribute(name: Array("type".utf8)[...], value: Array("x".utf8)[...])
        ]
        let batch = try encode([keyed, marked], .none)
        let view = try BatchView(batch.span)
        let bytes = batch.span
        let (key, type, x, y) = (
            Array("k".utf8), Array("type".utf8), Array("x".utf8), Array("y".utf8)
        )
        #expect(view.keyHash(0, bytes) == CRC32C.of(key.span) && view.keyHash(1, bytes) == 0)
        #expect(view.entry(0, bytes).expiry(appendedAt: 10) == 510)
        #expect(view.entry(1, bytes).expiry(appendedAt: 10) == nil)
        let mask = view.attributeMask(1, bytes)
        #expect(mask & attributeBits(type.span, x.span) == attributeBits(type.span, x.span))
        #expect(mask & attributeBits(type.span, y.span) != attributeBits(type.span, y.span))
        #expect(view.attributeMask(0, bytes) == 0)
    }

    @Test("A delay is a duration or a date, and a sum of them ends at the end of time")
    func delays() throws {
        var later = record("a")
        later.delay = .duration(5)
        var dated = record("b")
        dated.delay = .date(77)
        var never = record("c")
        never.delay = .duration(.max)
        let batch = try encode([later, dated, never], .none)
        let view = try BatchView(batch.span)
        #expect(view.header.attributes.contains(.delayed))
        let due = (0..<3).map { view.entry($0, batch.span).due(appendedAt: 10) }
        #expect(due == [15, 77, .max])
    }

    @Test("A repeated request has the same fingerprint, another one has not")
    func fingerprints() throws {
        var one = record("a")
        one.idempotencyHash = 1
        var traced = one
        traced.attributes = [
            RecordAttribute(name: Array("traceparent".utf8)[...], value: Array("00".utf8)[...])
        ]
        var other = one
        other.body = Array("b".utf8)[...]
        let batch = try encode([one, traced, other], .none)
        let view = try BatchView(batch.span)
        let prints = (0..<3).map { view.entry($0, batch.span).fingerprint }
        #expect(prints[0] == prints[1] && prints[0] != prints[2])
    }
}
