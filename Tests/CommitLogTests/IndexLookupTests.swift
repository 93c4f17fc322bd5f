import Records
import Simulation
import Testing

@testable import CommitLog

@Suite("An index file")
struct IndexLookupTests {
    /// Three partitions with some hundred entries each, several of them of the same time.
    private static func index(seed: UInt64) -> SegmentIndex {
        var random = SeededRandom(seed: seed)
        var index = SegmentIndex(start: 0)
        var ends = [0, 0, 0]
        var time = 1_000
        for number in 0..<900 {
            let partition = random.number(in: 0...2)
            let count = random.number(in: 1...3)
            if random.oneIn(3) { time += random.number(in: 0...5) }
            let head = EntryHead(
                type: 1, flags: EntryHead.indexed,
                partition: PartitionID(topic: 1, partition: UInt32(partition)),
                baseOffset: ends[partition], count: UInt32(count))
            let place = EntryPlace(head: head, position: 4_096 + number * 40, size: 40)
            index.note(place, logTime: time)
            ends[partition] += count
        }
        return index
    }

    @Test("answers by offset and by time as the index in memory does", arguments: UInt64(1)...4)
    func agrees(seed: UInt64) throws {
        let index = Self.index(seed: seed)
        let segment = Sample.segment(capacity: 256 << 10)
        let disk = SimulatedDisk(seed: seed)
        try disk.makeFile("x.idx", IndexFormat.encode(index, of: segment, end: 200 << 10))
        let reader = try IndexReader(try disk.open("x.idx"), of: segment)
        for number in 0..<4 {
            let partition = PartitionID(topic: 1, partition: UInt32(number))
            let end = index.partitions[partition]?.last?.endOffset ?? 0
            for offset in 0...end + 1 {
                let run = try reader.entries(of: partition, from: offset)
                let expected = index.entries(of: partition, from: offset)
                #expect(Array(expected.prefix(run.count)) == run && run.isEmpty == expected.isEmpty)
            }
            for time in 990...2_200 {
                let found = try reader.entry(of: partition, since: time)
                #expect(found == index.entry(of: partition, since: time), "\(partition) \(time)")
            }
        }
    }
}
