import Bytes
import Wire

/// Makes the secrets of receipts, from what was drawn at random at the start.
///
/// Nobody who knows some of them can tell the others.
struct SecretMaker: Sendable {
    private let seed: SipKey
    private var count: UInt32 = 0

    init(_ random: inout some RandomNumberGenerator) {
        var bytes: [UInt8] = []
        for _ in 0..<SipKey.size { bytes.append(random.next()) }
        seed = SipKey(bytes.span)
    }

    mutating func make(id: UInt8, from: Int) -> ReceiptSecret {
        ReceiptSecret(id: id, from: from, high: number(), low: number())
    }

    private mutating func number() -> UInt64 {
        count += 1
        var hash = SipHash(key: seed)
        hash.update(littleEndian: count)
        return hash.value
    }
}
