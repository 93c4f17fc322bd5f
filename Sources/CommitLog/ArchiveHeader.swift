// The archive of a segment: what is still wanted of it, as in docs/log-format.md.
//
//     block 0     the segment's header, twice, as the segment had it; at 512 and 2560
//                 0 magic  8 version  12 salt  16 start  24 end  32 extentCount  40 summarySize
//                44 summaryCRC  48 dataSize  60 headerCRC
//     extents     0 place  4 size  8 dataPlace  12 crc  16 logTime, 170 a block
//     fences      the place of each block's first extent, 1,023 a block
//     summary     what a checkpoint says of the segment
//     data        the extents, one behind the other
//
// A place in it never changes what it means: readers go by places of the segment.

import Bytes

/// The first block of an archive.
package struct ArchiveHeader: Equatable, Sendable {
    package let segment: SegmentHeader
    /// Position behind the seal of the segment.
    package let end: Int
    package let extentCount: Int
    package let summarySize: Int
    package let summaryCRC: UInt32
    /// Of all extents together.
    package let dataSize: Int

    static let magic: StaticString = "PHARCHIV"

    var extentBlocks: Int { Self.blocks(extentCount, LogFormat.extentsPerBlock) }
    var fenceBlocks: Int { Self.blocks(extentBlocks, LogFormat.archiveFencesPerBlock) }
    var fencePlace: Int { (1 + extentBlocks) * LogFormat.blockSize }
    var summaryPlace: Int { fencePlace + fenceBlocks * LogFormat.blockSize }
    var dataPlace: Int { summaryPlace + LogFormat.blocks(for: summarySize) }
    package var fileSize: Int { dataPlace + LogFormat.blocks(for: dataSize) }

    private static func blocks(_ count: Int, _ perBlock: Int) -> Int {
        (count + perBlock - 1) / perBlock
    }

    /// The block.
    package func encoded() -> [UInt8] {
        var copy = [UInt8](repeating: 0, count: LogFormat.archiveHeaderSize)
        copy.set(Self.magic, at: 0)
        copy[8] = LogFormat.formatVersion
        copy.set(littleEndian: segment.salt, at: 12)
        copy.set(littleEndian: UInt64(segment.start), at: 16)
        copy.set(littleEndian: UInt64(end), at: 24)
        copy.set(littleEndian: UInt64(extentCount), at: 32)
        copy.set(littleEndian: UInt32(summarySize), at: 40)
        copy.set(littleEndian: summaryCRC, at: 44)
        copy.set(littleEndian: UInt64(dataSize), at: 48)
        copy.setChecksum(at: 60)
        var block = segment.encoded()
        for place in Self.places {
            block.replaceSubrange(place..<place + copy.count, with: copy)
        }
        return block
    }

    private static let places = [
        LogFormat.archiveHeaderPlace,
        LogFormat.segmentHeaderCopyPlace + LogFormat.archiveHeaderPlace,
    ]
}

extension ArchiveHeader {
    /// Reads the block; of each of the two headers in it the second copy serves where the first is
    /// damaged.
    package init(decoding block: [UInt8]) throws(LogError) {
        let segment = try SegmentHeader(decoding: block)
        do throws(LogError) {
            try self.init(copyIn: block, at: Self.places[0], of: segment)
        } catch .damaged {
            try self.init(copyIn: block, at: Self.places[1], of: segment)
        }
    }

    private init(
        copyIn block: [UInt8], at place: Int, of segment: SegmentHeader
    ) throws(LogError) {
        guard block.count >= place + LogFormat.archiveHeaderSize else { throw .damaged(.archive) }
        let bytes = block.span.extracting(place..<place + LogFormat.archiveHeaderSize)
        guard bytes.matches(Self.magic, at: 0),
            CRC32C.of(bytes.extracting(0..<60)) == bytes.uint32(at: 60)
        else { throw .damaged(.archive) }
        guard bytes[8] == LogFormat.formatVersion else {
            throw .unsupported(.archive, version: bytes[8])
        }
        guard bytes.uint32(at: 12) == segment.salt, bytes.position(at: 16) == segment.start else {
            throw .foreign(.archive)
        }
        guard let end = bytes.position(at: 24), let extentCount = bytes.position(at: 32),
            let dataSize = bytes.position(at: 48), end <= segment.limit,
            dataSize <= segment.capacity, extentCount <= segment.capacity
        else { throw .damaged(.archive) }
        self.init(
            segment: segment, end: end, extentCount: extentCount,
            summarySize: Int(bytes.uint32(at: 40)), summaryCRC: bytes.uint32(at: 44),
            dataSize: dataSize)
    }
}

/// Entries in a row that were kept, all of one frame.
package struct ArchiveExtent: Equatable, Sendable {
    /// In the segment.
    package let place: Int
    package let size: Int
    /// In the data of the archive.
    package let dataPlace: Int
    package let crc: UInt32
    /// Of the frame.
    package let logTime: Int

    package var end: Int { place + size }
}

extension ArchiveExtent {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt32(place))
        bytes.append(littleEndian: UInt32(size))
        bytes.append(littleEndian: UInt32(dataPlace))
        bytes.append(littleEndian: crc)
        bytes.append(littleEndian: UInt64(logTime))
    }

    init?(_ bytes: Span<UInt8>, at place: Int, in header: ArchiveHeader) {
        guard let logTime = bytes.position(at: place + 16) else { return nil }
        self.init(
            place: Int(bytes.uint32(at: place)), size: Int(bytes.uint32(at: place + 4)),
            dataPlace: Int(bytes.uint32(at: place + 8)), crc: bytes.uint32(at: place + 12),
            logTime: logTime)
        guard size > 0, end <= header.segment.capacity, dataPlace + size <= header.dataSize else {
            return nil
        }
    }
}
