import Bytes
import Testing

@testable import Records

private func hash(_ key: String) -> UInt32 { hash(Array(key.utf8)) }
private func hash(_ key: [UInt8]) -> UInt32 { partitionHash(of: key.span) }

@Suite("Partitions of keys")
struct PartitionHashTests {
    /// Made by a program of a few lines of Python, after the page.
    @Test("The vectors of the page, which never change")
    func vectors() throws {
        let page = try Page("partitions.md")
        let rows = page.table("key")
        #expect(rows.count == 7)
        for row in rows {
            let key = String(row[0].dropFirst().dropLast())
            #expect(CRC32C.of(key.utf8.span) == UInt32(row[1], radix: 16), "\(key)")
            #expect(hash(key) == UInt32(row[2], radix: 16), "\(key)")
            let partitions = [2, 3, 8, 64, 1_000].map { partition(ofHash: hash(key), of: $0) }
            #expect(partitions == row[3...].compactMap { Int($0) }, "\(key)")
        }
    }

    /// The same as in the page, so that the two are not changed together by mistake.
    @Test("A few of them again")
    func fixed() {
        #expect(hash("") == 0 && hash("a") == 0xEAD7_8E20 && hash("customer-17") == 0x1ADD_1037)
        #expect(partition(ofHash: 0xEAD7_8E20, of: 64) == 17)
        #expect(partition(ofHash: 0x1ADD_1037, of: 1_000) == 78)
        #expect(partition(ofHash: .max, of: 1) == 0)
        #expect(partition(ofHash: .max, of: Int(Int32.max)) < Int(Int32.max))
    }

    static let families: [@Sendable (Int) -> [UInt8]] = [
        { Array("\($0)".utf8) },
        { Array("customer-\($0)".utf8) },
        { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } },
        { number in (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } },
    ]

    @Test(
        "Keys that are counted spread evenly over 1 to 64 partitions", arguments: families.indices)
    func spread(_ family: Int) {
        let hashes = (0..<10_000).map { hash(Self.families[family]($0)) }
        #expect(Set(hashes).count == hashes.count, "short keys have no hash in common")
        for count in 1...64 {
            var keys = [Int](repeating: 0, count: count)
            for hash in hashes { keys[partition(ofHash: hash, of: count)] += 1 }
            let even = Double(hashes.count) / Double(count)
            let worst = keys.map { (Double($0) - even) * (Double($0) - even) / even }.max() ?? 0
            // Four standard deviations of what chance would do.
            #expect(worst <= 16, "\(count) partitions: \(keys)")
        }
    }

    @Test("With one partition more a key stays, or goes to the new one, and about one of all goes")
    func growth() {
        for count in 1..<64 {
            var moved = 0
            for number in 0..<1_000 {
                let hash = hash("customer-\(number)")
                let (before, after) = (
                    partition(ofHash: hash, of: count), partition(ofHash: hash, of: count + 1)
                )
                #expect(after == before || after == count)
                moved += after == before ? 0 : 1
            }
            let expected = 1_000 / (count + 1)
            #expect(abs(moved - expected) <= 20 + expected / 4, "\(count) partitions")
        }
    }

    @Test("What the directory has of a key tells its partition")
    func directory() throws {
        var record = RecordDraft(time: 1, body: [])
        record.key = Array("customer-17".utf8)[...]
        var reader = BatchReader()
        try reader.open(try encode([record], .none))
        #expect(partitionHash(ofKeyHash: reader.entry(0).keyHash) == hash("customer-17"))
    }
}

@Suite("Hashes of Idempotency-Keys")
struct IdempotencyHashTests {
    private static let secret = [UInt8](0..<16)

    private func hash(
        _ name: String, _ index: UInt32, secret: [UInt8] = secret
    ) -> UInt64 {
        let (key, name) = (SipKey(secret.span), Array(name.utf8))
        return idempotencyHash(key: key, name: name.span, index: index)
    }

    @Test("It is the SipHash of index and name")
    func definition() {
        let bytes: [UInt8] = [8, 7, 6, 5] + Array("order-1".utf8)
        let expected = SipHash.of(bytes.span, key: SipKey(Self.secret.span))
        #expect(hash("order-1", 0x0506_0708) == expected)
    }

    @Test("Another name, index or key has another hash")
    func parts() {
        let other = [UInt8](repeating: 1, count: 16)
        let hashes: Set = [
            hash("a", 0), hash("b", 0), hash("a", 1), hash("", 0), hash("a", 0, secret: other),
        ]
        #expect(hashes.count == 5)
    }
}
