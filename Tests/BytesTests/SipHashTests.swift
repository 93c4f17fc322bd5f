import Simulation
import Testing

@testable import Bytes

private func hash(_ bytes: [UInt8], _ key: [UInt8]) -> UInt64 {
    SipHash.of(bytes.span, key: SipKey(key.span))
}

/// The key of the paper's appendix A: 00 to 0f.
private let paperKey = [UInt8](0..<16)

@Suite("SipHash-2-4")
struct SipHashTests {
    /// The first 16 of the authors' vectors, of which the last is the one in the paper.
    ///
    /// Each is the hash of the bytes 00, 01 and so on, as many as there are vectors before it.
    static let vectors: [UInt64] = [
        0x726F_DB47_DD0E_0E31, 0x74F8_39C5_93DC_67FD, 0x0D6C_8009_D9A9_4F5A,
        0x8567_6696_D7FB_7E2D, 0xCF27_94E0_2771_87B7, 0x1876_5564_CD99_A68D,
        0xCBC9_466E_58FE_E3CE, 0xAB02_00F5_8B01_D137, 0x93F5_F579_9A93_2462,
        0x9E00_82DF_0BA9_E4B0, 0x7A5D_BBC5_94DD_B9F3, 0xF4B3_2F46_226B_ADA7,
        0x751E_8FBC_860E_E5FB, 0x14EA_5627_C084_3D90, 0xF723_CA90_8E7A_F2EE,
        0xA129_CA61_49BE_45E5,
    ]

    @Test("The vectors of its authors")
    func known() {
        for (size, expected) in Self.vectors.enumerated() {
            let bytes = Array(UInt8(0)..<UInt8(size))
            #expect(hash(bytes, paperKey) == expected, "\(size) bytes")
        }
    }

    @Test(
        "In pieces it is the same as in one, and asking changes nothing", arguments: UInt64(1)...50)
    func pieces(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = (0..<random.number(in: 0...700)).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        let key = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        var sum = SipHash(key: SipKey(key.span))
        var start = 0
        while start < bytes.count {
            let end = random.number(in: start...min(bytes.count, start + 30))
            sum.update(bytes.span.extracting(start..<end))
            #expect(sum.value == hash(Array(bytes[..<end]), key))
            start = end
        }
        #expect(sum.value == hash(bytes, key), "rerun with seed \(seed)")
    }

    @Test("A number counts as its bytes, the lowest first")
    func numbers() {
        let four: [UInt8] = [4]
        var sum = SipHash(key: SipKey(paperKey.span))
        sum.update(littleEndian: 0x0302_0100)
        sum.update(four.span)
        sum.update(littleEndian: 0x0807_0605)
        #expect(sum.value == Self.vectors[9])
    }

    @Test("Every bit of the key counts")
    func key() {
        var hashes: Set<UInt64> = [hash([1, 2, 3], paperKey)]
        for bit in 0..<128 {
            var key = paperKey
            key[bit / 8] ^= 1 << UInt8(bit % 8)
            hashes.insert(hash([1, 2, 3], key))
        }
        #expect(hashes.count == 129)
    }
}
