import Records
import Testing

@testable import CommitLog

@Suite("Retention")
struct RetentionTests {
    static let ledger = PartitionID(topic: 1, partition: 0)
    static let noise = PartitionID(topic: 2, partition: 0)

    /// Four segments of 1,000 noise bytes each; the first has 10 bytes of the ledger, too.
    static var retention: Retention {
        Retention(
            segments: (0..<4).map { number in
                var runs = [
                    noise: PartitionRun(
                        firstOffset: number * 10, endOffset: number * 10 + 10, bytes: 1_000,
                        maxTime: number * 100)
                ]
                if number == 0 {
                    runs[ledger] = PartitionRun(firstOffset: 0, endOffset: 1, bytes: 10, maxTime: 5)
                }
                return SegmentSummary(
                    start: number << 16, capacity: 1 << 16, end: number << 16 | 8_192, runs: runs)
            })
    }

    @Test(
        "moves a beginning by age and by size, by whole runs",
        arguments: [
            (nil, nil, 300, nil), (100, nil, 300, 20), (100, nil, 150, 10), (1_000, nil, 300, nil),
            (nil, 4_000, 0, nil), (nil, 3_999, 0, nil), (nil, 3_000, 0, 10), (nil, 1, 0, 30),
            (100, 1, 300, 30), (0, nil, 9_999, 40),
        ] as [(Int?, Int?, Int, Int?)])
    func due(_ age: Int?, _ bytes: Int?, _ now: Int, _ begin: Int?) {
        let rule = RetentionRule(ageMax: age, bytesMax: bytes)
        #expect(Self.retention.due(rule, topic: 2, now: now)[Self.noise] == begin)
    }

    @Test("drops whole dead segments, and no other")
    func drops() {
        var retention = Self.retention
        retention.begin(Self.noise, at: 25)
        #expect(retention.dead(below: 4 << 16) == [1 << 16], "the ledger holds the first")
        #expect(retention.dead(below: 1 << 16) == [], "control records are in no checkpoint yet")
        #expect(retention.dead(below: 4 << 16, pins: [1 << 16]) == [])
        retention.delete(topic: 1)
        #expect(retention.dead(below: 4 << 16) == [0, 1 << 16])
        retention.drop(0)
        #expect(retention.segments.count == 3)
    }

    @Test("says who keeps dead bytes on the disk")
    func pins() {
        var retention = Self.retention
        #expect(retention.pinnedBytes() == [Self.noise: 0, Self.ledger: 0])
        retention.begin(Self.noise, at: 25)
        #expect(retention.pinnedBytes() == [Self.ledger: 1_000, Self.noise: 0])
    }

    @Test("A summary outlives a checkpoint")
    func summaries() throws {
        let summaries = Self.retention.segments
        let body = SegmentSummary.encode(summaries)
        #expect(try SegmentSummary.decode(body) == summaries)
        for size in 1..<body.count where size % 112 != 0 && size != 112 {
            do {
                let some = try SegmentSummary.decode(Array(body[..<size]))
                #expect(summaries.starts(with: some))
            } catch {
                #expect(error == .damaged(.checkpoint))
            }
        }
    }
}
