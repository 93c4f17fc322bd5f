import Bytes
import Simulation
import Testing

@testable import Records

/// The batch with its check sum made right again, as somebody with intent would do it.
private func summed(_ batch: [UInt8]) -> [UInt8] {
    var batch = batch
    batch.set(littleEndian: batchChecksum(batch.span), at: BatchHeader.Place.checksum)
    return batch
}

@Suite("Damaged and hostile batches")
struct BatchDamageTests {
    @Test("Every flip is noticed, but in the place in the log", arguments: UInt64(1)...6)
    func flips(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let records = maker.records(countMax: 4)
        let batch = try encode(records, seed % 2 == 0 ? .deflate : .none, builder: maker.builder())
        let places = BatchHeader.Place.topicID..<BatchHeader.Place.checksum
        var reader = BatchReader()
        for index in batch.indices {
            // Every bit of the header, and one of each other byte.
            let bits = index < BatchHeader.size ? Array(0..<8) : [maker.random.number(in: 0...7)]
            for bit in bits {
                var damaged = batch
                damaged[index] ^= 1 << UInt8(bit)
                if places.contains(index) {
                    checkHarmless(damaged, records)
                } else {
                    #expect(throws: RecordsError.self) { try reader.open(damaged) }
                }
            }
        }
    }

    /// A place is another number, or one that cannot be, and the records are the same.
    private func checkHarmless(_ damaged: [UInt8], _ records: [RecordDraft]) {
        do throws(RecordsError) {
            #expect(timeless(try decode(damaged)) == timeless(records))
        } catch {
            #expect(error == .numberTooLarge)
        }
    }

    @Test("Every cut is refused", arguments: UInt64(1)...6)
    func cuts(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let batch = try encode(maker.records(countMax: 4), seed % 2 == 0 ? .deflate : .none)
        for size in 0..<batch.count {
            #expect(throws: RecordsError.truncated) { try decode(Array(batch.prefix(size))) }
        }
        #expect(throws: RecordsError.truncated) { try BatchView(batch.span, at: batch.count) }
    }

    @Test("What is changed with a right check sum never traps", arguments: UInt64(1)...40)
    func hostile(seed: UInt64) throws {
        var maker = RecordMaker(seed: seed)
        let batch = try encode(maker.records(countMax: 6), seed % 2 == 0 ? .deflate : .none)
        var reader = BatchReader()
        for _ in 0..<200 {
            var changed = batch
            for _ in 0..<maker.random.number(in: 1...3) {
                let index = maker.random.number(in: 0...batch.count - 1)
                changed[index] = UInt8.random(in: .min ... .max, using: &maker.random)
            }
            do throws(RecordsError) {
                try reader.open(summed(changed))
                let count = reader.view?.count
                var found = 0
                while try reader.nextRecord() != nil { found += 1 }
                #expect(found == count, "rerun with seed \(seed)")
                try reader.auditFromClient()
            } catch {
                continue
            }
        }
    }

    /// A change to the header of a batch of two records, and the error.
    static let changes: [(Int, [UInt8], RecordsError)] = [
        (4, [2], .unknownKind(2)), (5, [2], .unknownVersion(2)), (6, [1], .unknownBits(1)),
        (36, [2], .unknownCodec(2)), (36, [0x80], .unknownBits(0x80)),
        (37, [0x20], .unknownBits(0x2000)), (36, [1], .badSizes), (37, [1], .badSizes),
        (36, [0x20], .badDirectory(record: 2)),
        (38, [1], .notForClients), (40, [1], .notForClients), (56, [1], .notForClients),
        (23, [0x40], .numberTooLarge), (31, [0x80], .numberTooLarge), (55, [0xFF], .numberTooLarge),
        (60, [0], .badSizes), (60, [1], .badSizes),
        (60, [0xE9, 3], .tooMany(.record, limit: 1_000)),
        (60, [0xFF, 0xFF, 0xFF, 0xFF], .tooMany(.record, limit: 1_000)),
        (64, [11], .badSizes), (68, [0xFF, 0xFF, 0xFF, 0xFF], .tooLarge(.batch, limit: 1 << 20)),
        (68, [0], .badSizes), (72, [0xFF, 0xFF, 0xFF, 0xFF], .badSizes), (0, [0], .badSizes),
        (76 + 12, [5], .badDirectory(record: 2)), (76 + 12, [7], .badDirectory(record: 1)),
        (76 + 12, [0xFF, 0xFF, 0xFF, 0xFF], .badDirectory(record: 0)),
        (76 + 12, [3], .badDirectory(record: 0)), (76 + 20, [0x40], .badDirectory(record: 0)),
        (76 + 20, [0x01], .badDirectory(record: 0)), (76 + 20, [0x20], .badDirectory(record: 0)),
        (77, [4], .badRecord(0)), (77, [0x80, 0], .badRecord(0)), (79, [1], .badRecord(0)),
        (83, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .badRecord(1)),
    ]

    @Test("What contradicts itself is refused for what it is", arguments: changes)
    func headers(_ place: Int, _ bytes: [UInt8], _ error: RecordsError) throws {
        let records = ["ab", "cd"].map { RecordDraft(time: 1, body: Array($0.utf8)[...]) }
        var batch = try encode(records, .none)
        try #require(batch.count == 76 + 12 + 10)
        batch.replaceSubrange(place..<place + bytes.count, with: bytes)
        #expect(throws: error) { try decode(summed(batch)) }
    }

    @Test("A column has zero where a record has nothing")
    func zeros() throws {
        var keyed = RecordDraft(time: 1, body: [])
        keyed.key = Array("k".utf8)[...]
        var batch = try encode([keyed, RecordDraft(time: 1, body: [])], .none)
        batch[batch.count - 1] = 1
        #expect(throws: RecordsError.badDirectory(record: 1)) { try decode(summed(batch)) }
    }

    @Test("A payload inflates to its size, no more and no less")
    func bombs() throws {
        let record = RecordDraft(time: 1, body: [UInt8](repeating: 0, count: 1 << 16)[...])
        let batch = try encode([record], .deflate)
        let view = try BatchView(batch.span)
        for change in [-1, 1, 1 << 20] {
            var changed = batch
            let size = UInt32(view.header.rawSize + change)
            changed.set(littleEndian: size, at: BatchHeader.Place.rawSize)
            changed.set(littleEndian: size, at: view.directory.lowerBound)
            #expect(throws: RecordsError.badPayload) { try decode(summed(changed)) }
        }
    }

    @Test("A reader opens the next batch after a broken one")
    func reuse() throws {
        let record = RecordDraft(time: 1, body: [UInt8](repeating: 0x61, count: 5_000)[...])
        let batch = try encode([record], .deflate)
        var broken = batch
        broken[100] ^= 0xFF
        var reader = BatchReader()
        for bad in [summed(broken), broken, []] {
            #expect(throws: RecordsError.self) { try reader.open(bad) }
            #expect(reader.view == nil)
            #expect(try reader.nextRecord() == nil)
            try reader.open(batch)
            let found = try #require(try reader.nextRecord())
            #expect(reader.bytes[found.body] == record.body)
        }
    }

    @Test("A batch of a client gets the gateway's time")
    func stamp() throws {
        let records = ["a", "b"].map { RecordDraft(time: 1, body: Array($0.utf8)[...]) }
        var bytes = try [1, 2, 3] + encode(records, .none) + [4]
        BatchHeader.stamp(batchAt: 3, in: &bytes, baseTime: 1_700_000_000_000)
        #expect(bytes.last == 4)
        let decoded = try decode(Array(bytes[3..<bytes.count - 1]))
        #expect(decoded.map(\.time) == [1_700_000_000_000, 1_700_000_000_000])
    }

    @Test("Hashes that are not those of the records are found by the audit")
    func audit() throws {
        var record = RecordDraft(time: 1, body: Array("a".utf8)[...])
        record.key = Array("k".utf8)[...]
        let batch = try encode([record], .none)
        var reader = BatchReader()
        try reader.open(batch)
        try reader.auditFromClient()
        var lying = batch
        lying[batch.count - 1] ^= 1
        lying = summed(lying)
        try reader.open(lying)
        #expect(throws: RecordsError.badHash(record: 0)) { try reader.audit() }
    }

    @Test("What only a gateway may say is refused from a client")
    func clients() throws {
        var hashed = RecordDraft(time: 1, body: [])
        hashed.idempotencyHash = 5
        let producer = BatchProducer(id: 1, epoch: 0, baseSequence: 0)
        let plain = RecordDraft(time: 1, body: [])
        var placed = try encode([plain], .none)
        BatchHeader.place(
            batchAt: 0, in: &placed, topicID: 1, partition: 0, baseOffset: 0, logTime: 0)
        let times = try encode([plain, RecordDraft(time: 2, body: [])], .none)
        let batches = [
            placed, times, try encode([hashed], .none),
            try encode([plain], .none, builder: BatchBuilder(producer: producer)),
            try encode([plain], .none, builder: BatchBuilder(isTransactional: true)),
        ]
        for batch in batches {
            var reader = BatchReader()
            try reader.open(batch)
            #expect(throws: RecordsError.notForClients) { try reader.auditFromClient() }
        }
    }
}
