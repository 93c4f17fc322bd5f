// Which partition a key belongs to, as docs/partitions.md has it. It must never change: messages of a
// key that are stored already lie where this has led them.

internal import Bytes

/// The hash by which a key chooses its partition.
package func partitionHash(of key: Span<UInt8>) -> UInt32 {
    partitionHash(ofKeyHash: CRC32C.of(key))
}

/// The same from the key's hash in the directory of a batch.
package func partitionHash(ofKeyHash keyHash: UInt32) -> UInt32 {
    // The check sums of two keys that differ in one byte differ in a pattern; this scatters it. It
    // is the last step of MurmurHash3, and no two inputs have the same output.
    var mixed = keyHash
    mixed = (mixed ^ mixed >> 16) &* 0x85EB_CA6B
    mixed = (mixed ^ mixed >> 13) &* 0xC2B2_AE35
    return mixed ^ mixed >> 16
}

/// The partition, of `count`, that a key with this `partitionHash` belongs to.
///
/// When partitions are added, a key stays where it is or goes to a new one, and as few go as can.
package func partition(ofHash hash: UInt32, of count: Int) -> Int {
    precondition(1...Int(Int32.max) ~= count, "a topic has partitions")
    // The jump consistent hash of Lamping and Veach (2014), in whole numbers: each jump goes to the
    // next count of partitions at which the key would have moved.
    var state = UInt64(hash)
    var partition: UInt64 = 0
    var next: UInt64 = 0
    while next < UInt64(count) {
        partition = next
        state = state &* 2_862_933_555_777_941_757 &+ 1
        next = (partition + 1) << 31 / (state >> 33 + 1)
    }
    return Int(partition)
}
