import Records
import Testing
import Wire

@testable import Gateway

@Suite("Open batches")
struct OpenBatchesTests {
    private let bench = PullBench(partitions: 1, shards: 1)

    private func batch(_ partition: UInt32, _ offset: Int) throws -> FetchedBatch {
        try #require(bench.lease(partition, offset..<offset + 3).batches.first)
    }

    @Test("are opened once, whoever takes messages out of them")
    func areKept() throws {
        var batches = OpenBatches()
        let (one, other) = (
            PartitionID(topic: 7, partition: 0), PartitionID(topic: 7, partition: 1)
        )
        let first = try batches.open(try batch(0, 10), of: one)
        let second = try batches.open(try batch(1, 10), of: other)
        #expect(first !== second)
        #expect(try batches.open(try batch(0, 10), of: one) === first)
        #expect(
            try first.reader.record(at: 2).map { Array(first.reader.bytes[$0.body]) }
                == Array("12".utf8))
        #expect(
            try first.reader.record(at: 0).map { Array(first.reader.bytes[$0.body]) }
                == Array("10".utf8))
        // The one that was used last the longest ago makes room.
        for offset in 1..<OpenBatches.countMax {
            _ = try batches.open(try batch(0, 10 + 10 * offset), of: one)
            _ = try batches.open(try batch(0, 10), of: one)
        }
        #expect(try batches.open(try batch(0, 10), of: one) === first)
        #expect(first.reader.view?.count == 3)
        let again = try batches.open(try batch(1, 10), of: other)
        #expect(
            try again.reader.record(at: 0).map { Array(again.reader.bytes[$0.body]) }
                == Array("10".utf8))
    }

    @Test("that are damaged are not kept")
    func refusesDamage() throws {
        var batches = OpenBatches()
        let partition = PartitionID(topic: 7, partition: 0)
        let whole = try batch(0, 10)
        var bytes = whole.bytes
        bytes[bytes.count - 1] ^= 1
        let harmed = FetchedBatch(
            bytes: bytes, start: 0, baseOffset: 10, picks: nil, count: 3, logTime: 0)
        #expect(throws: RecordsError.self) { _ = try batches.open(harmed, of: partition) }
        #expect(try batches.open(whole, of: partition).reader.view?.count == 3)
    }
}
