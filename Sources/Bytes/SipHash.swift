// SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits that nobody who lacks the key can predict, for
// hashes of what strangers choose. In pieces it is the same as in one.

/// The secret of a hash, 128 bits.
package struct SipKey: Equatable, Sendable {
    package static let size = 16

    let low: UInt64
    let high: UInt64

    /// Takes the key from its 16 bytes.
    package init(_ bytes: Span<UInt8>) {
        precondition(bytes.count == Self.size, "a key has 16 bytes")
        low = bytes.uint64(at: 0)
        high = bytes.uint64(at: 8)
    }
}

/// A SipHash-2-4 over the bytes it was given so far.
package struct SipHash: Sendable {
    private var state: SipState
    /// The bytes that do not make up a word yet, the first one lowest.
    private var tail: UInt64 = 0
    private var count: UInt64 = 0

    package init(key: SipKey) {
        state = SipState(key)
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        var place = 0
        while place < bytes.count, count & 7 != 0 {
            append(bytes[place])
            place += 1
        }
        while bytes.count - place >= 8 {
            state.compress(bytes.uint64(at: place))
            count &+= 8
            place += 8
        }
        while place < bytes.count {
            append(bytes[place])
            place += 1
        }
    }

    private mutating func append(_ byte: UInt8) {
        tail |= UInt64(byte) << (count & 7 * 8)
        count &+= 1
        guard count & 7 == 0 else { return }
        state.compress(tail)
        tail = 0
    }

    /// Updates with the bytes of `number`, the lowest first.
    package mutating func update(littleEndian number: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// The hash.
    package var value: UInt64 {
        var state = state
        return state.finish(tail | count << 56)
    }

    /// The hash of `bytes` alone.
    package static func of(_ bytes: Span<UInt8>, key: SipKey) -> UInt64 {
        var hash = SipHash(key: key)
        hash.update(bytes)
        return hash.value
    }
}

/// The four words, with the names of the paper.
private struct SipState: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ key: SipKey) {
        // "somepseudorandomlygeneratedbytes"
        v0 = key.low ^ 0x736F_6D65_7073_6575
        v1 = key.high ^ 0x646F_7261_6E64_6F6D
        v2 = key.low ^ 0x6C79_6765_6E65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    mutating func compress(_ word: UInt64) {
        v3 ^= word
        turn()
        turn()
        v0 ^= word
    }

    mutating func finish(_ last: UInt64) -> UInt64 {
        compress(last)
        v2 ^= 0xFF
        for _ in 0..<4 { turn() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func turn() {
        v0 &+= v1
        v1 = v1.rotated(13) ^ v0
        v0 = v0.rotated(32)
        v2 &+= v3
        v3 = v3.rotated(16) ^ v2
        v0 &+= v3
        v3 = v3.rotated(21) ^ v0
        v2 &+= v1
        v1 = v1.rotated(17) ^ v2
        v2 = v2.rotated(32)
    }
}

extension UInt64 {
    fileprivate func rotated(_ bits: UInt64) -> UInt64 { self << bits | self >> (64 - bits) }
}
