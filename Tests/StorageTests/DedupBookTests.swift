import Bytes
import CommitLog
import Simulation
import Testing
import Wire

@testable import Delivery

@Suite("The Idempotency-Keys that a shard knows")
struct DedupBookTests {
    private static func entry(
        _ hash: UInt64, _ place: PlacedPart.Place = .offset(7), at time: Int
    ) -> DedupEntry {
        let key = DedupKey(record: 3, hash: hash, fingerprint: UInt32(truncatingIfNeeded: hash) | 1)
        return DedupEntry(key, partition: 5, place: place, logTime: time)
    }

    private static let roomy = DedupLimits(keysMax: 1_000_000, sizeMax: 1 << 30)

    private static func book(keysMax: Int = 1_000, sizeMax: Int = 1 << 20) -> DedupBook {
        DedupBook(DedupLimits(keysMax: keysMax, sizeMax: sizeMax))
    }

    @Test(
        "are known for exactly as long as the window lasts",
        arguments: [(0, 1_000, 999, true), (0, 1_000, 1_000, false), (500, 1_000, 1_499, true)])
    func expires(noted: Int, window: Int, now: Int, isKnown: Bool) {
        var book = Self.book()
        book.set(window: window, of: 1, now: 0)
        book.note(Self.entry(42, at: noted), of: 1)
        #expect((book.find(42, of: 1, now: now) != nil) == isKnown)
        #expect(book.find(42, of: 2, now: now) == nil)
    }

    @Test(
        "tell where the first one went",
        arguments: [PlacedPart.Place.offset(1 << 61), .held(position: 0)])
    func places(place: PlacedPart.Place) {
        var book = Self.book()
        let entry = Self.entry(.max, place, at: 1_700_000_000_000)
        book.note(entry, of: 1)
        let found = book.find(.max, of: 1, now: 1_700_000_000_001)
        #expect(found == entry)
        #expect(
            found?.verdict(on: .max)
                == .same(place, record: 3, partition: 5, logTime: 1_700_000_000_000))
        #expect(found?.verdict(on: 9) == .other)
    }

    @Test("are not kept where the window is closed, and go when it closes")
    func closed() {
        var book = Self.book()
        book.set(window: 0, of: 1, now: 0)
        book.note(Self.entry(1, at: 10), of: 1)
        #expect(book.count == 0 && !book.has(1))
        book.note(Self.entry(1, at: 10), of: 2)
        book.set(window: 0, of: 2, now: 10)
        #expect(book.count == 0 && book.size == 0)
        #expect(book.forgotten == 0)
    }

    @Test("go with their topic")
    func topicGone() {
        var book = Self.book()
        for topic in UInt32(1)...2 { book.note(Self.entry(1, at: 10), of: topic) }
        book.forget(topic: 1)
        #expect(book.find(1, of: 1, now: 10) == nil && book.find(1, of: 2, now: 10) != nil)
    }

    @Test("that are too many for a topic go early, the oldest first, and are counted")
    func keysMax() {
        var book = Self.book(keysMax: 160)
        for hash in UInt64(0)..<1_000 { book.note(Self.entry(hash, at: Int(hash)), of: 1) }
        #expect(book.count <= 160 && book.count > 140)
        #expect(book.forgotten == 1_000 - book.count)
        #expect(book.find(999, of: 1, now: 1_000) != nil)
        #expect(book.find(800, of: 1, now: 1_000) == nil)
    }

    @Test("that are too many for a shard go early, the oldest of all topics first")
    func sizeMax() {
        let sizeMax = 100 * (DedupBucket.fixedSize + DedupBucket.keySize)
        var book = Self.book(sizeMax: sizeMax)
        for topic in UInt32(0)..<300 {
            book.note(Self.entry(UInt64(topic), at: Int(topic)), of: topic)
            #expect(book.size <= sizeMax)
        }
        #expect(book.find(299, of: 299, now: 300) != nil)
        #expect(book.find(100, of: 100, now: 300) == nil)
        #expect(book.forgotten + book.count == 300)
    }

    @Test("take about forty bytes each", arguments: [20_000, 57_344, 200_000, 300_000])
    func isCompact(count: Int) {
        var book = Self.book(keysMax: 1_000_000, sizeMax: 1 << 30)
        var random = SeededRandom(seed: 3)
        for number in 0..<count { book.note(Self.entry(random.next(), at: number), of: 1) }
        #expect(book.count == count && book.forgotten == 0)
        #expect(book.allocatedSize <= count * 44)
        #expect(book.allocatedSize * 10 <= book.size * 11)
    }

    @Test(
        "damage of a section is found",
        arguments: [1, 15, 17, 31, 33, 59])
    func refusesDamage(count: Int) throws {
        var book = Self.book()
        book.note(Self.entry(9, at: 10), of: 1)
        let body = book.body
        #expect(body.count == 60)
        #expect(try DedupBook(body, Self.roomy) == book)
        #expect(throws: LogError.damaged(.checkpoint)) {
            try DedupBook(Array(body.prefix(count)), Self.roomy)
        }
    }

    @Test("are those of a naive model, before and after a checkpoint", arguments: UInt64(1)...60)
    func matchesModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var book = Self.book(keysMax: 1_000_000, sizeMax: 1 << 30)
        var model: [UInt32: [UInt64: DedupEntry]] = [:]
        var windows: [UInt32: Int] = [:]
        var now = 1_000
        for _ in 0..<600 {
            now += random.number(in: 0...30)
            let topic = UInt32(random.number(in: 1...3))
            let hash = UInt64(random.number(in: 0...40)) << (random.oneIn(2) ? 48 : 0)
            switch random.number(in: 0...9) {
            case 0 where random.oneIn(4):
                // What is over may come back with a longer one, if its bucket is still there.
                let kept = windows[topic] ?? DedupWindow.windowMax
                let window =
                    random.oneIn(8) ? 0 : random.number(in: min(kept, 300)...min(kept, 3_000))
                windows[topic] = window
                model[topic] = model[topic]?.filter { $0.value.logTime + window > now }
                book.set(window: window, of: topic, now: now)
                for bucket in model[topic] ?? [:] {
                    #expect(book.find(bucket.key, of: topic, now: now) == bucket.value)
                }
            case 1 where random.oneIn(6):
                book.forget(topic: topic)
                (model[topic], windows[topic]) = (nil, nil)
            case 2 where random.oneIn(6):
                book.expire(now: now)
                let body = book.body
                book = try DedupBook(body, Self.roomy)
                #expect(book.body == body, "rerun with seed \(seed)")
                for (topic, window) in windows { book.set(window: window, of: topic, now: now) }
            case 3...6:
                let place: PlacedPart.Place =
                    random.oneIn(2) ? .offset(now) : .held(position: now)
                let entry = Self.entry(hash, place, at: now - random.number(in: 0...1))
                book.note(entry, of: topic)
                if windows[topic] != 0 { model[topic, default: [:]][hash] = entry }
            default:
                let window = windows[topic] ?? DedupWindow.windowMax
                let expected = model[topic]?[hash].flatMap { $0.logTime + window > now ? $0 : nil }
                #expect(
                    book.find(hash, of: topic, now: now) == expected, "rerun with seed \(seed)")
            }
        }
    }
}
