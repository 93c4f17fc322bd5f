import Simulation
import Testing

@testable import Bytes

/// The definition, a bit at a time.
private func reference(_ bytes: [UInt8]) -> UInt32 {
    var sum = ~UInt32(0)
    for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    return ~sum
}

private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
}

@Suite("CRC-32C")
struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the usual check of catalogues.
    static let known: [([UInt8], UInt32)] = [
        ([], 0),
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
    ]

    @Test("Known sums", arguments: known)
    func knownSums(_ bytes: [UInt8], _ sum: UInt32) {
        #expect(CRC32C.of(bytes.span) == sum)
        #expect(CRC32C.byTable(bytes.span) == sum)
        #expect(reference(bytes) == sum)
    }

    @Test(
        "Every size up to where blocks begin, and the sizes around blocks, as the definition says")
    func everySize() {
        let bytes = noise(20_000, seed: 1)
        let around = [384, 768, 1_152, 6_144, 6_528, 12_288, 18_432].flatMap { ($0 - 9)...($0 + 9) }
        for size in Array(0...300) + around {
            let piece = Array(bytes[(size % 7)...].prefix(size))
            let sum = reference(piece)
            #expect(CRC32C.of(piece.span) == sum, "\(size) bytes")
            #expect(CRC32C.byTable(piece.span) == sum, "\(size) bytes by table")
        }
    }

    @Test("In pieces it is the same as in one", arguments: UInt64(1)...20)
    func pieces(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = noise(random.number(in: 0...20_000), seed: seed)
        var sum = CRC32C()
        var start = 0
        while start < bytes.count {
            let end = random.number(in: start...min(bytes.count, start + 7_000))
            sum.update(bytes.span.extracting(start..<end))
            if random.oneIn(4) { sum = CRC32C(value: sum.value) }
            start = end
        }
        #expect(sum.value == reference(bytes), "rerun with seed \(seed)")
    }
}
