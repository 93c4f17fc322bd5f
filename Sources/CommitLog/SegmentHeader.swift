// The first 128 bytes of a segment, and again at place 2048, as in docs/log-format.md:
//
//     0 magic    8 version    12 shard         16 start      24 capacity
//    32 salt    36 epoch      40 createdTime   48 cluster   124 headerCRC

import Bytes

/// Sixteen random bytes that name a cluster or a node.
package struct Identity: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

package struct SegmentHeader: Equatable, Sendable {
    package var shard: UInt32
    package var start: Int
    package var capacity: Int
    package var salt: UInt32
    package var epoch: UInt32
    package var createdTime: Int
    package var cluster: Identity

    package static let magic: StaticString = "PHSEGMNT"

    package init(
        shard: UInt32, start: Int, capacity: Int, salt: UInt32, epoch: UInt32, createdTime: Int,
        cluster: Identity
    ) {
        self.shard = shard
        self.start = start
        self.capacity = capacity
        self.salt = salt
        self.epoch = epoch
        self.createdTime = createdTime
        self.cluster = cluster
    }

    /// Position of the byte behind the segment, where the next one starts.
    package var limit: Int { start + capacity }
    /// Position of the first frame.
    package var firstFrame: Int { start + LogFormat.blockSize }

    /// The first block of the segment.
    package func encoded() -> [UInt8] {
        precondition(start % LogFormat.blockSize == 0 && capacity % LogFormat.blockSize == 0)
        precondition(capacity > 2 * LogFormat.blockSize && capacity <= LogFormat.segmentCapacityMax)
        var copy = [UInt8](repeating: 0, count: LogFormat.segmentHeaderCopyPlace)
        copy.set(Self.magic, at: 0)
        copy[8] = LogFormat.formatVersion
        copy.set(littleEndian: shard, at: 12)
        copy.set(littleEndian: UInt64(start), at: 16)
        copy.set(littleEndian: UInt64(capacity), at: 24)
        copy.set(littleEndian: salt, at: 32)
        copy.set(littleEndian: epoch, at: 36)
        copy.set(littleEndian: UInt64(createdTime), at: 40)
        copy.set(littleEndian: cluster.high, at: 48)
        copy.set(littleEndian: cluster.low, at: 56)
        copy.setChecksum(at: 124)
        return copy + copy
    }
}

extension SegmentHeader {
    /// Reads a segment's first block; the second copy serves where the first is damaged.
    package init(decoding block: [UInt8]) throws(LogError) {
        do throws(LogError) {
            self = try Self(copyIn: block, at: 0)
        } catch .damaged {
            self = try Self(copyIn: block, at: LogFormat.segmentHeaderCopyPlace)
        }
    }

    /// Copies of the header in `block` that are not whole.
    package static func damagedCopies(in block: [UInt8]) -> Int {
        var damaged = 0
        for place in [0, LogFormat.segmentHeaderCopyPlace] {
            do throws(LogError) { _ = try Self(copyIn: block, at: place) } catch { damaged += 1 }
        }
        return damaged
    }

    private init(copyIn block: [UInt8], at place: Int) throws(LogError) {
        guard block.count >= place + LogFormat.segmentHeaderSize else { throw .damaged(.segment) }
        let bytes = block.span.extracting(place..<place + LogFormat.segmentHeaderSize)
        guard bytes.matches(Self.magic, at: 0),
            CRC32C.of(bytes.extracting(0..<124)) == bytes.uint32(at: 124)
        else { throw .damaged(.segment) }
        guard bytes[8] == LogFormat.formatVersion else {
            throw .unsupported(.segment, version: bytes[8])
        }
        guard let start = bytes.position(at: 16),
            let capacity = bytes.position(at: 24),
            let createdTime = bytes.position(at: 40),
            start % LogFormat.blockSize == 0, capacity % LogFormat.blockSize == 0,
            2 * LogFormat.blockSize < capacity, capacity <= LogFormat.segmentCapacityMax
        else { throw .damaged(.segment) }
        self.init(
            shard: bytes.uint32(at: 12), start: start, capacity: capacity,
            salt: bytes.uint32(at: 32), epoch: bytes.uint32(at: 36),
            createdTime: createdTime,
            cluster: Identity(
                high: bytes.uint64(at: 48), low: bytes.uint64(at: 56)))
    }
}
