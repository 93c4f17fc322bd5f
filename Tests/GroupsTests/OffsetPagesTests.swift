import Simulation
import Testing

@testable import Groups

@Suite("Numbers of offsets")
struct OffsetPagesTests {
    @Test("are what a table of each offset says", arguments: UInt64(1)...60)
    func matchesTable(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var pages = OffsetPages()
        var table: [Int: UInt32] = [:]
        for _ in 0..<150 {
            let run = Self.run(&random)
            let number = UInt32(random.number(in: 0...3))
            pages.set(run, to: number)
            for offset in run { table[offset] = number == 0 ? nil : number }
            #expect(pages.count == table.count, "seed \(seed)")

            let looked = Self.run(&random)
            #expect(looked.allSatisfy { pages[$0] == table[$0] ?? 0 }, "seed \(seed)")
            let wanted = UInt32(random.number(in: 0...3))
            let front = looked.prefix { table[$0] ?? 0 == wanted }
            #expect(pages.front(of: looked, with: wanted) == front, "seed \(seed)")
            let runs = pages.runs(in: looked)
            #expect(
                runs.flatMap { run in run.offsets.map { [$0, Int(run.number)] } }
                    == looked.compactMap { offset in table[offset].map { [offset, Int($0)] } },
                "seed \(seed)")
            let isJoined = zip(runs, runs.dropFirst()).allSatisfy {
                $0.offsets.upperBound < $1.offsets.lowerBound || $0.number != $1.number
            }
            #expect(isJoined, "seed \(seed)")
        }
    }

    /// Near the beginning, across a few pages, or so long that most pages of it have nothing.
    private static func run(_ random: inout SeededRandom) -> Range<Int> {
        let start = random.oneIn(5) ? random.number(in: 0...1_000_000) : random.number(in: 0...300)
        let count = random.oneIn(20) ? 20_000 : random.number(in: 0...150)
        return start..<start + count
    }

    @Test("are found again one by one, where a decision about messages is shared")
    func sharedDecisions() {
        var table = ClosingTable()
        let acked = Closing(kind: .acked, generation: LeaseGeneration(raw: 7), key: nil)
        table.insert(10..<200, acked)
        table.insert(50, Closing(kind: .failed, generation: nil, key: 3))
        #expect(table.count == 190 && table[49] == acked && table[50]?.key == 3)
        #expect(table.all(in: 40..<60).map(\.offsets) == [40..<50, 50..<51, 51..<60])
        table.remove(10..<50)
        #expect(table.count == 150 && table[10] == nil && table[199] == acked)
        table.remove(0..<1_000)
        #expect(table.count == 0 && table.all(in: 0..<1_000).isEmpty)
        table.insert(3, Closing(kind: .dead, generation: nil, key: nil))
        #expect(table[3]?.kind == .dead && table.count == 1)
    }
}
