import Simulation
import Testing

@testable import Groups

@Suite("Failures that wait for their time")
struct RetryBookTests {
    private static func failure(_ offset: Int, due: Int) -> Failure {
        Failure(
            offset: offset, due: due, key: UInt32(truncatingIfNeeded: offset), size: 9, attempts: 1)
    }

    @Test("are those of a naive model", arguments: UInt64(1)...40)
    func matchesModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var book = RetryBook()
        var model: [Int: (failure: Failure, isArmed: Bool)] = [:]
        for _ in 0..<800 {
            let offset = random.number(in: 0...60) << (random.oneIn(2) ? 20 : 0)
            switch random.number(in: 0...4) {
            case 0, 1:
                let failure = Self.failure(offset, due: random.number(in: 0...50))
                book.put(failure)
                model[offset] = (failure, false)
            case 2:
                book.arm(offset)
                model[offset]?.isArmed = true
            case 3:
                book.disarm(offset)
                model[offset]?.isArmed = false
            default:
                let removed = book.remove(offset)
                let known = model.removeValue(forKey: offset)?.failure
                #expect(removed == known, "seed \(seed)")
            }
            let armed = model.values.filter(\.isArmed).map(\.failure)
            let first = armed.min { ($0.due, $0.offset) < ($1.due, $1.offset) }
            #expect(book.next == first && book.armedCount == armed.count, "seed \(seed)")
            #expect(book[offset] == model[offset]?.failure, "seed \(seed)")
        }
        #expect(book.all == model.values.map(\.failure).sorted { $0.offset < $1.offset })
    }

    @Test("take less than 64 bytes each", arguments: [100_000, 1_000_000])
    func isCompact(count: Int) {
        var book = RetryBook()
        for number in 0..<count {
            book.put(Self.failure(number * 3, due: number))
            book.arm(number * 3)
        }
        #expect(book.count == count && book.armedCount == count)
        #expect(book.allocatedSize <= count * 64)
    }
}
