import Bytes
import Records
import Simulation
import Testing

@testable import Receipts

@Suite("Receipts")
struct ReceiptTests {
    private static func key(_ id: UInt8) -> ReceiptKeys.Key {
        let secret = [UInt8](repeating: id &+ 1, count: 16)
        return ReceiptKeys.Key(id: id, secret: SipKey(secret.span))
    }

    private static let keys = ReceiptKeys(key(1))

    private static func part(
        _ runs: [Range<Int>], topic: UInt32 = 3, generation: UInt64 = 1 << 40 | 7
    ) -> Receipt.Part {
        Receipt.Part(
            partition: PartitionID(topic: topic, partition: 5), generation: generation, runs: runs)
    }

    private static let rows: [Receipt] = [
        Receipt(group: 0, parts: [part([0..<1])]),
        Receipt(group: 9, parts: [part([1_000_000..<1_000_100])]),
        Receipt(group: .max, parts: [part([5..<6, 7..<9, 1 << 60..<(1 << 60) + 1])]),
        Receipt(
            group: 1,
            parts: (0..<4).map { part([$0..<$0 + 1], topic: UInt32($0), generation: .max) }),
    ]

    @Test("come back as they were, all of one and each message of it", arguments: rows)
    func comeBack(receipt: Receipt) {
        let text = receipt.text(Self.keys)
        #expect(Receipt(reading: text.span, Self.keys) == receipt)
        var writer = ReceiptWriter(receipt, Self.keys)
        #expect(writer.text == text)
        for (index, part) in receipt.parts.enumerated() {
            for offset in part.runs.flatMap({ $0 }).prefix(8) {
                let only = Receipt(
                    reading: writer.text(of: offset, inPart: index).span, Self.keys)
                #expect(only == receipt.only(offset, ofPart: index))
            }
        }
    }

    @Test("are short")
    func areShort() {
        let text = Self.rows[1].text(Self.keys)
        #expect(text.count <= 48)
        var writer = ReceiptWriter(Self.rows[1], Self.keys)
        #expect(writer.text(of: 1_000_099, inPart: 0).count - text.count <= 10)
    }

    @Test("that were changed anywhere are not receipts", arguments: 0..<4)
    func refusesChanges(row: Int) {
        let receipt = Self.rows[row]
        let offset = receipt.parts[0].runs[0].lowerBound
        let text = receipt.text(Self.keys)
        var writer = ReceiptWriter(receipt, Self.keys)
        let whole = writer.text(of: offset, inPart: 0)
        for place in whole.indices {
            for bit in UInt8(0)..<8 {
                var forged = whole
                forged[place] ^= 1 << bit
                #expect(Receipt(reading: forged.span, Self.keys) == nil, "\(place), \(bit)")
            }
            // Up to the point it is the receipt of all.
            let cut = Receipt(reading: Array(whole[..<place]).span, Self.keys)
            #expect(cut == nil || place == text.count)
        }
    }

    @Test("of another message cannot be made by moving a suffix")
    func refusesForeignSuffix() {
        let (one, other) = (Self.rows[0], Self.rows[1])
        let texts = [one.text(Self.keys), other.text(Self.keys)]
        var writer = ReceiptWriter(one, Self.keys)
        let suffix = Array(writer.text(of: 0, inPart: 0).dropFirst(texts[0].count))
        #expect(Receipt(reading: (texts[0] + suffix).span, Self.keys) != nil)
        #expect(Receipt(reading: (texts[1] + suffix).span, Self.keys) == nil)
        #expect(Receipt(reading: (texts[0] + suffix + suffix).span, Self.keys) == nil)
    }

    @Test("are believed as long as their key is, and signed with the newest")
    func rotation() {
        var keys = Self.keys
        let old = Self.rows[0].text(keys)
        keys.believe(Self.key(2))
        #expect(Self.rows[0].text(keys) == old)
        var ahead = keys
        ahead.rotate(to: Self.key(2))
        let new = Self.rows[0].text(ahead)
        #expect(new != old && ahead.ids == [2, 1])
        for text in [old, new] {
            #expect(Receipt(reading: text.span, keys) == Self.rows[0])
            #expect(Receipt(reading: text.span, ahead) == Self.rows[0])
        }
        ahead.retire(1)
        #expect(Receipt(reading: old.span, ahead) == nil)
        ahead.retire(2)
        #expect(ahead.ids == [2])
        for id in UInt8(3)...9 { ahead.rotate(to: Self.key(id)) }
        #expect(ahead.ids.count == ReceiptKeys.countMax)
        #expect(Receipt(reading: new.span, ahead) == nil)
    }

    @Test("with a key of the same number and another secret are not receipts")
    func otherSecret() {
        let text = Self.rows[0].text(Self.keys)
        let secret = [UInt8](repeating: 99, count: 16)
        let others = ReceiptKeys(ReceiptKeys.Key(id: 1, secret: SipKey(secret.span)))
        #expect(Receipt(reading: text.span, others) == nil)
    }

    @Test("have one text each", arguments: UInt64(1)...50)
    func oneText(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var parts: [Receipt.Part] = []
        for _ in 0..<random.number(in: 1...6) {
            var (runs, end): ([Range<Int>], Int) = ([], random.number(in: 0...1_000))
            for _ in 0..<random.number(in: 1...Receipt.runsMax) {
                let first = end + random.number(in: 1...200)
                end = first + random.number(in: 1...200)
                runs.append(first..<end)
            }
            parts.append(Self.part(runs, generation: random.next()))
        }
        let receipt = Receipt(group: UInt32(truncatingIfNeeded: random.next()), parts: parts)
        let text = receipt.text(Self.keys)
        let read = Receipt(reading: text.span, Self.keys)
        #expect(read == receipt, "rerun with seed \(seed)")
        #expect(read?.text(Self.keys) == text)
    }
}
