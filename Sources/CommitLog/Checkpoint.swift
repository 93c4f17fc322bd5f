// A checkpoint, as in docs/log-format.md: a header, then sections.
//
//     header    0 magic  8 version  12 shard  16 position  24 logTime  32 epoch  36 previousCRC
//              40 fileSize  48 sectionCount  60 headerCRC
//     section   0 kind  8 size  16 bodyCRC  20 headerCRC, then the body

import Bytes

/// A part of a checkpoint; opaque here but for the kinds that have a name.
package struct CheckpointSection: Equatable, Sendable {
    package let kind: UInt32
    package let body: [UInt8]

    package static let epochs: UInt32 = 1
    package static let segments: UInt32 = 2
    /// Kinds from here on are the shard's.
    package static let state: UInt32 = 16

    package init(kind: UInt32, body: [UInt8]) {
        self.kind = kind
        self.body = body
    }
}

package struct Checkpoint: Equatable, Sendable {
    package var shard: UInt32
    /// Of the first frame that is not in it.
    package var position: Int
    package var logTime: Int
    package var epoch: UInt32
    package var previousCRC: UInt32
    package var sections: [CheckpointSection]

    static let magic: StaticString = "PHCHECKP"

    package init(
        shard: UInt32, position: Int, logTime: Int, epoch: UInt32, previousCRC: UInt32,
        sections: [CheckpointSection]
    ) {
        self.shard = shard
        self.position = position
        self.logTime = logTime
        self.epoch = epoch
        self.previousCRC = previousCRC
        self.sections = sections
    }

    package func section(_ kind: UInt32) -> [UInt8]? {
        sections.first { $0.kind == kind }?.body
    }

    /// The whole file.
    package func encoded() -> [UInt8] {
        precondition(sections.count <= LogFormat.sectionsMax, "sections are few")
        let size = sections.reduce(LogFormat.checkpointHeaderSize) {
            $0 + LogFormat.sectionHeaderSize + $1.body.count
        }
        var bytes = [UInt8](repeating: 0, count: LogFormat.checkpointHeaderSize)
        bytes.reserveCapacity(size)
        bytes.set(Self.magic, at: 0)
        bytes[8] = LogFormat.formatVersion
        bytes.set(littleEndian: shard, at: 12)
        bytes.set(littleEndian: UInt64(position), at: 16)
        bytes.set(littleEndian: UInt64(logTime), at: 24)
        bytes.set(littleEndian: epoch, at: 32)
        bytes.set(littleEndian: previousCRC, at: 36)
        bytes.set(littleEndian: UInt64(size), at: 40)
        bytes.set(littleEndian: UInt32(sections.count), at: 48)
        bytes.setChecksum(at: 60)
        for section in sections { Self.append(section, to: &bytes) }
        precondition(bytes.count == size)
        return bytes
    }

    private static func append(_ section: CheckpointSection, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(littleEndian: section.kind)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt64(section.body.count))
        bytes.append(littleEndian: CRC32C.of(section.body.span))
        bytes.append(littleEndian: CRC32C.of(bytes.span.extracting(start..<start + 20)))
        bytes.append(contentsOf: section.body)
    }
}

extension Checkpoint {
    /// Reads a whole file, and believes all of it or nothing.
    package init(decoding file: [UInt8]) throws(LogError) {
        let bytes = file.span
        guard bytes.count >= LogFormat.checkpointHeaderSize, bytes.matches(Self.magic, at: 0),
            CRC32C.of(bytes.extracting(0..<60)) == bytes.uint32(at: 60)
        else { throw .damaged(.checkpoint) }
        guard bytes[8] == LogFormat.formatVersion else {
            throw .unsupported(.checkpoint, version: bytes[8])
        }
        let count = Int(bytes.uint32(at: 48))
        guard let position = bytes.position(at: 16),
            let logTime = bytes.position(at: 24),
            bytes.position(at: 40) == bytes.count, count <= LogFormat.sectionsMax
        else { throw .damaged(.checkpoint) }
        self.init(
            shard: bytes.uint32(at: 12), position: position, logTime: logTime,
            epoch: bytes.uint32(at: 32),
            previousCRC: bytes.uint32(at: 36), sections: [])
        var place = LogFormat.checkpointHeaderSize
        for _ in 0..<count { sections.append(try Self.section(in: file, at: &place)) }
        guard place == bytes.count else { throw .damaged(.checkpoint) }
    }

    private static func section(
        in file: [UInt8], at place: inout Int
    ) throws(LogError) -> CheckpointSection {
        let body = place + LogFormat.sectionHeaderSize
        guard body <= file.count,
            CRC32C.of(file.span.extracting(place..<place + 20))
                == file.span.uint32(at: place + 20),
            let size = file.span.position(at: place + 8), size <= file.count - body,
            CRC32C.of(file.span.extracting(body..<body + size))
                == file.span.uint32(at: place + 16)
        else { throw .damaged(.checkpoint) }
        let kind = file.span.uint32(at: place)
        place = body + size
        return CheckpointSection(kind: kind, body: Array(file[body..<place]))
    }
}

/// The first frame of each epoch; section 1 of a checkpoint is a list of them.
package struct EpochStart: Equatable, Sendable {
    package let epoch: UInt32
    package let position: Int

    package init(epoch: UInt32, position: Int) {
        self.epoch = epoch
        self.position = position
    }

    package static func encode(_ starts: [EpochStart]) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in starts {
            bytes.append(littleEndian: start.epoch)
            bytes.append(littleEndian: UInt32(0))
            bytes.append(littleEndian: UInt64(start.position))
        }
        return bytes
    }

    package static func decode(_ body: [UInt8]) throws(LogError) -> [EpochStart] {
        guard body.count % 16 == 0 else { throw .damaged(.checkpoint) }
        var starts: [EpochStart] = []
        for place in stride(from: 0, to: body.count, by: 16) {
            guard let position = body.span.position(at: place + 8) else {
                throw .damaged(.checkpoint)
            }
            starts.append(
                EpochStart(epoch: body.span.uint32(at: place), position: position))
        }
        return starts
    }
}
