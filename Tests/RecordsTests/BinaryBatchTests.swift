import Bytes
import Simulation
import Testing

@testable import Records

/// All frames of a body.
private func frames(
    _ bytes: [UInt8], _ direction: FrameDirection, in range: Range<Int>? = nil
) throws(RecordsError) -> [Frame] {
    var reader = FrameReader(in: range ?? bytes.indices, direction)
    var frames: [Frame] = []
    while let frame = try reader.next(bytes.span) { frames.append(frame) }
    return frames
}

private func message(_ frame: Frame) throws -> MessageFrame {
    guard case .message(let message) = frame else { throw RecordsError.unknownKind(0) }
    return message
}

@Suite("Binary batches of clients")
struct BinaryBatchTests {
    @Test("What a client sends is what it meant", arguments: UInt64(1)...30)
    func published(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let records = timeless(maker.records()).map { record in
            var record = record
            record.idempotencyHash = nil
            return record
        }
        let before = [UInt8](repeating: 0xEE, count: maker.random.number(in: 0...9))
        var bytes = before
        for record in records { bytes.appendFrame(record, partition: 3) }
        let found = try frames(bytes + [1], .fromClient, in: before.count..<bytes.count)
        let drafts = try found.map { try message($0).draft(bytes, time: 0) }
        #expect(drafts == records, "rerun with seed \(seed)")
        #expect(try found.map { try message($0).partition } == records.map { _ in 3 })
    }

    @Test("What a client gets is what was published", arguments: UInt64(1)...30)
    func delivered(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let records = maker.records()
        var reader = BatchReader()
        try reader.open(try encode(records, .deflate))
        var bytes: [UInt8] = []
        while let record = try reader.nextRecord() {
            var delivery = Delivery(partition: 3, offset: 1_000 + UInt64(record.index))
            delivery.attempt = UInt32(record.index)
            delivery.receipt = Array("r\(record.index)".utf8)[...]
            bytes.appendFrame(record, reader.entry(record.index), in: reader.bytes, delivery)
        }
        let found = try frames(bytes, .toClient).map(message)
        for (index, (message, record)) in zip(found, records).enumerated() {
            var expected = record
            expected.delay = nil
            expected.idempotencyHash = nil
            expected.time = max(record.time, records[0].time)
            #expect(try message.draft(bytes, time: message.publishedAt ?? 0) == expected)
            #expect(message.partition == 3 && message.offset == 1_000 + UInt64(index))
            #expect(message.attempt == UInt32(index) && message.topic == nil)
            #expect(message.receipt.map { bytes[$0] } == Array("r\(index)".utf8)[...])
        }
        #expect(found.count == records.count)
    }

    @Test("Batches travel as they rest")
    func batches() throws {
        let batch = try encode(
            [RecordDraft(time: 1, body: []), RecordDraft(time: 1, body: [])], .none)
        var bytes: [UInt8] = []
        bytes.appendFrame(first: 1, count: 1, of: batch[...])
        bytes.appendFrame(summary: Array("{}".utf8)[...])
        let range = 13..<13 + batch.count
        let found = try frames(bytes, .toClient)
        #expect(
            found == [
                .batch(BatchFrame(first: 1, count: 1, batch: range)),
                .summary(range.upperBound + 5..<range.upperBound + 7),
            ])
        for (first, count) in [(0, 3), (2, 1), (0, 0), (Int(UInt32.max), 1), (1, Int(UInt32.max))] {
            var bad: [UInt8] = []
            bad.appendFrame(first: first, count: count, of: batch[...])
            #expect(throws: RecordsError.badSizes) { try frames(bad, .fromClient) }
        }
        var longer: [UInt8] = []
        longer.appendFrame(first: 0, count: 2, of: (batch + [0])[...])
        #expect(throws: RecordsError.badSizes) { try frames(longer, .fromClient) }
    }

    /// Bytes from a client, and the error.
    static let refused: [([UInt8], RecordsError)] = [
        ([0, 0, 0, 0, 1], .badSizes), ([1, 0, 0, 0], .truncated), ([2, 0, 0, 0, 1], .truncated),
        ([0xFF, 0xFF, 0xFF, 0xFF, 1], .truncated), ([1, 0, 0, 0, 4], .unknownKind(4)),
        ([3, 0, 0, 0, 3, 0x7B, 0x7D], .unknownKind(3)), ([1, 0, 0, 0, 2], .truncated),
        ([6, 0, 0, 0, 1, 9, 0, 0, 0, 0], .unknownField(9)),
        ([6, 0, 0, 0, 1, 16, 0, 0, 0, 0], .unknownField(16)),
        ([5, 0, 0, 0, 1, 1, 0, 0, 0], .truncated), ([6, 0, 0, 0, 1, 1, 1, 0, 0, 0], .truncated),
        ([6, 0, 0, 0, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF], .truncated),
        ([11, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0], .repeatedField(1)),
        ([6, 0, 0, 0, 1, 5, 0, 0, 0, 0], .badField(5)),
        ([7, 0, 0, 0, 1, 6, 1, 0, 0, 0, 0], .badField(6)),
        ([7, 0, 0, 0, 1, 4, 1, 0, 0, 0, 0], .badField(4)),
        ([8, 0, 0, 0, 1, 4, 2, 0, 0, 0, 1, 0], .badField(4)),
    ]

    @Test("What is broken or not for clients to say is refused", arguments: refused)
    func refusals(_ bytes: [UInt8], _ error: RecordsError) {
        #expect(throws: error) { try frames(bytes, .fromClient) }
    }

    @Test("A delay and a date for the same are refused, and so is one attribute too many")
    func contradictions() throws {
        let delay: [UInt8] = [7, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
        let both = [27, 0, 0, 0, 1] + delay + [8] + delay.dropFirst()
        #expect(throws: RecordsError.repeatedField(8)) { try frames(both, .fromClient) }
        var record = RecordDraft(time: 0, body: [])
        record.attributes = Array(
            repeating: RecordAttribute(name: [0x61], value: []), count: 101)
        var bytes: [UInt8] = []
        bytes.appendFrame(record)
        #expect(throws: RecordsError.tooMany(.attributes, limit: 100)) {
            try frames(bytes, .fromClient)
        }
    }

    @Test("A client skips what a later server may say")
    func unknown() throws {
        let kind: [UInt8] = [3, 0, 0, 0, 99, 1, 2]
        let field: [UInt8] = [7, 0, 0, 0, 1, 99, 1, 0, 0, 0, 5]
        #expect(try frames(kind + field, .toClient).count == 1)
    }

    @Test("Every cut inside of a frame is refused")
    func cuts() throws {
        var maker = RecordMaker(seed: 3)
        var bytes: [UInt8] = []
        var ends: Set<Int> = [0]
        for record in maker.records(countMax: 4) {
            bytes.appendFrame(record)
            ends.insert(bytes.count)
        }
        for size in bytes.indices where !ends.contains(size) {
            #expect(throws: RecordsError.truncated) {
                try frames(Array(bytes.prefix(size)), .fromClient)
            }
        }
    }
}

/// docs/binary-batches.md says what the code does.
@Suite("The page about binary batches")
struct BinaryBatchPageTests {
    let page: Page

    init() throws { page = try Page("binary-batches.md") }

    @Test("Kinds and fields")
    func numbers() {
        #expect(
            page.table("kind").map { "\($0[0]) \($0[1])" }
                == FrameKind.allCases.map { "\($0.rawValue) \($0)" })
        let fields = page.table("number")
        #expect(
            fields.map { "\($0[0]) \($0[1])" }
                == FrameField.allCases.map { "\($0.rawValue) \($0)" })
        for (row, field) in zip(fields, FrameField.allCases) {
            let isBoth = row[3] == "both"
            #expect((isBoth || row[3].hasPrefix("in")) == field.isFor(.fromClient), "\(field)")
            #expect((isBoth || row[3].hasPrefix("out")) == field.isFor(.toClient), "\(field)")
        }
    }

    @Test("A message on its way in")
    func published() throws {
        var record = RecordDraft(time: 0, body: Array("hello".utf8)[...])
        record.key = Array("k1".utf8)[...]
        var bytes: [UInt8] = []
        bytes.appendFrame(record)
        #expect(try page.hex(under: "on its way in:") == bytes, "\(hex(bytes))")
    }

    @Test("A message on its way out")
    func delivered() throws {
        var record = RecordDraft(time: 1_700_000_000_000, body: Array("{}".utf8)[...])
        record.contentType = Array("application/json".utf8)[...]
        record.attributes = [
            RecordAttribute(name: Array("a".utf8)[...], value: Array("b".utf8)[...])
        ]
        var reader = BatchReader()
        try reader.open(try encode([record], .none))
        let view = try #require(try reader.nextRecord())
        var bytes: [UInt8] = []
        bytes.appendFrame(
            view, reader.entry(0), in: reader.bytes, Delivery(partition: 3, offset: 1_042))
        #expect(try page.hex(under: "on its way out:") == bytes, "\(hex(bytes))")
    }

    @Test("A summary")
    func summary() throws {
        var bytes: [UInt8] = []
        bytes.appendFrame(summary: Array("{}".utf8)[...])
        #expect(try page.hex(under: "## The summary") == bytes, "\(hex(bytes))")
    }
}
