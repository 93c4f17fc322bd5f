// Keys that came about the same time, and are forgotten together. Columns and one table of numbers: a
// key takes 28 bytes and its share of the table, and nothing is allocated for one.

import Bytes
import Wire

struct DedupBucket: Sendable {
    /// Seven eighths of the largest table, whose places are 16 bits.
    static let keysMax = 57_344
    /// Of a key as a checkpoint has it.
    static let encodedSize = 28
    /// What a key is counted with against the bound of a shard; its share of the table is in it.
    static let keySize = 40
    /// The same for the bucket itself.
    static let fixedSize = 512
    private static let heldBit: UInt64 = 1 << 63

    /// By the clock of the log; what comes later is told from here on.
    let start: Int
    /// The newest date in it.
    private(set) var last: Int
    private var hashes: [UInt64] = []
    /// Offsets, or positions with the top bit.
    private var places: [UInt64] = []
    private var fingerprints: [UInt32] = []
    /// Milliseconds since `start`; a decision may be noted a little behind what came after it.
    private var times: [Int32] = []
    /// Partition, and record above it.
    private var spots: [UInt32] = []
    /// A number from 1 on in the lower half, a part of the hash in the upper one; 0 is free.
    private var table: [UInt32] = []

    init(start: Int) {
        self.start = start
        last = start
    }

    var count: Int { hashes.count }
    var size: Int { Self.fixedSize + count * Self.keySize }
    /// What it really takes.
    var allocatedSize: Int {
        hashes.capacity * 8 + places.capacity * 8 + fingerprints.capacity * 4
            + times.capacity * 4 + spots.capacity * 4 + table.capacity * 4
    }

    subscript(number: Int) -> DedupEntry {
        let place = places[number]
        let key = DedupKey(
            record: Int(spots[number] >> 16), hash: hashes[number],
            fingerprint: fingerprints[number])
        return DedupEntry(
            key, partition: UInt16(truncatingIfNeeded: spots[number]),
            place: place & Self.heldBit == 0
                ? .offset(Int(place)) : .held(position: Int(place & ~Self.heldBit)),
            logTime: start + Int(times[number]))
    }

    func find(_ hash: UInt64) -> DedupEntry? {
        if table.isEmpty { return nil }
        let slot = table[place(of: hash)]
        return slot == 0 ? nil : self[Int(slot & 0xFFFF) - 1]
    }

    /// Takes a key; one that it has is what it was said to be last.
    mutating func note(_ entry: DedupEntry) {
        if (count + 1) * 8 > table.count * 7 { growTable() }
        last = max(last, entry.logTime)
        let found = place(of: entry.hash)
        if table[found] != 0 { return set(entry, at: Int(table[found] & 0xFFFF) - 1) }
        precondition(count < Self.keysMax, "the window begins another bucket")
        table[found] = Self.tag(entry.hash) << 16 | UInt32(count + 1)
        growColumns()
        hashes.append(entry.hash)
        places.append(0)
        fingerprints.append(0)
        times.append(0)
        spots.append(0)
        set(entry, at: count - 1)
    }

    private mutating func set(_ entry: DedupEntry, at number: Int) {
        switch entry.place {
        case .offset(let offset): places[number] = UInt64(offset)
        case .held(let position): places[number] = UInt64(position) | Self.heldBit
        case .buffered: preconditionFailure("what is committed has a place")
        }
        fingerprints[number] = entry.fingerprint
        times[number] = Int32(clamping: entry.logTime - start)
        spots[number] = UInt32(entry.partition) | UInt32(entry.record) << 16
    }

    /// Where the table has a hash, or has room for it.
    private func place(of hash: UInt64) -> Int {
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = table[place]
            if slot == 0 { return place }
            if slot >> 16 == Self.tag(hash), hashes[Int(slot & 0xFFFF) - 1] == hash {
                return place
            }
            place = (place + 1) & mask
        }
    }

    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(hash >> 48) }

    private mutating func growTable() {
        table = [UInt32](repeating: 0, count: max(16, table.count * 2))
        for (number, hash) in hashes.enumerated() {
            table[place(of: hash)] = Self.tag(hash) << 16 | UInt32(number + 1)
        }
    }

    /// An array by itself doubles, and half of it is for nothing.
    ///
    /// An allocator rounds up each of them as it likes, so any of them may be full before the others.
    private mutating func growColumns() {
        let room = min(
            min(hashes.capacity, places.capacity), min(fingerprints.capacity, times.capacity),
            spots.capacity)
        guard room == count else { return }
        let next = count + count / 8 + 8
        hashes.reserveCapacity(next)
        places.reserveCapacity(next)
        fingerprints.reserveCapacity(next)
        times.reserveCapacity(next)
        spots.reserveCapacity(next)
    }
}

extension DedupBucket: Equatable {
    /// Tables may have grown otherwise.
    static func == (left: Self, right: Self) -> Bool {
        left.start == right.start && left.hashes == right.hashes && left.places == right.places
            && left.fingerprints == right.fingerprints && left.times == right.times
            && left.spots == right.spots
    }

    /// Appends {start 8, count 4, zero 4}, and each key, as in docs/log-format.md.
    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt64(start))
        bytes.append(littleEndian: UInt32(count))
        bytes.append(littleEndian: UInt32(0))
        bytes.reserveCapacity(bytes.count + count * Self.encodedSize)
        for number in 0..<count {
            bytes.append(littleEndian: hashes[number])
            bytes.append(littleEndian: places[number])
            bytes.append(littleEndian: fingerprints[number])
            bytes.append(littleEndian: UInt32(bitPattern: times[number]))
            bytes.append(littleEndian: spots[number])
        }
    }

    /// Reads the key at `place` of a checkpoint's section.
    mutating func decodeKey(_ bytes: Span<UInt8>, at place: Int) {
        let position = bytes.uint64(at: place + 8)
        let (spot, time) = (bytes.uint32(at: place + 24), bytes.uint32(at: place + 20))
        let key = DedupKey(
            record: Int(spot >> 16), hash: bytes.uint64(at: place),
            fingerprint: bytes.uint32(at: place + 16))
        note(
            DedupEntry(
                key, partition: UInt16(truncatingIfNeeded: spot),
                place: position & Self.heldBit == 0
                    ? .offset(Int(position)) : .held(position: Int(position & ~Self.heldBit)),
                logTime: start + Int(Int32(bitPattern: time))))
    }
}
