// The first 64 bytes of a frame, little-endian, as in docs/log-format.md:
//
//     0 magic        4 version      5 kind         6 headerSize    8 frameSize   12 payloadSize
//    16 position    24 epoch       28 entryCount  32 committed    40 logTime
//    48 previousCRC 52 salt        56 payloadCRC  60 headerCRC

import Bytes

package enum FrameKind: UInt8, Sendable, CaseIterable {
    case data = 1
    case commitMark, time, seal, epochStart
}

/// Why bytes are not the frame that should stand there.
package enum FrameFault: Error, Equatable, Hashable {
    /// There is no header: never written, cut short, or overwritten.
    case noHeader
    case unsupported(version: UInt8)
    /// The header is whole, and says what no writer writes.
    case badHeader
    /// From another life of the file.
    case foreignSalt
    case foreignPosition
    case olderEpoch
    case brokenChain
    case badPayload
    case badEntries
    case pastEnd
    case unreadable
    /// The file is missing, or no copy of its header is whole.
    case noSegment
}

package struct FrameHeader: Equatable, Sendable {
    package var kind: FrameKind
    package var payloadSize: Int
    package var position: Int
    package var epoch: UInt32
    package var entryCount: Int
    package var committed: Int
    package var logTime: Int
    package var previousCRC: UInt32
    package var salt: UInt32
    package var payloadCRC: UInt32
    /// Known once the header was written or read; the next frame's `previousCRC`.
    package var headerCRC: UInt32 = 0

    package static let magic: StaticString = "PHFR"

    package var frameSize: Int { LogFormat.frameSize(payload: payloadSize) }
    package var end: Int { position + frameSize }

    /// Writes the header over the first bytes of `bytes`.
    package mutating func encode(into bytes: inout [UInt8]) {
        precondition(position % LogFormat.blockSize == 0, "a frame begins on a block")
        precondition(committed <= position, "nothing is committed before it is written")
        bytes.set(Self.magic, at: 0)
        bytes[4] = LogFormat.formatVersion
        bytes[5] = kind.rawValue
        bytes.set(littleEndian: UInt16(LogFormat.frameHeaderSize), at: 6)
        bytes.set(littleEndian: UInt32(frameSize), at: 8)
        bytes.set(littleEndian: UInt32(payloadSize), at: 12)
        bytes.set(littleEndian: UInt64(position), at: 16)
        bytes.set(littleEndian: epoch, at: 24)
        bytes.set(littleEndian: UInt32(entryCount), at: 28)
        bytes.set(littleEndian: UInt64(committed), at: 32)
        bytes.set(littleEndian: UInt64(logTime), at: 40)
        bytes.set(littleEndian: previousCRC, at: 48)
        bytes.set(littleEndian: salt, at: 52)
        bytes.set(littleEndian: payloadCRC, at: 56)
        headerCRC = CRC32C.of(bytes.span.extracting(0..<60))
        bytes.set(littleEndian: headerCRC, at: 60)
    }
}

extension FrameHeader {
    /// Reads the header that should stand at `position` of a segment with this salt.
    ///
    /// Salt and position come before the version: what a client put into a payload may look like a
    /// header, but cannot know the salt, and so can never be taken for a frame of a later version.
    package init(decoding bytes: Span<UInt8>, at position: Int, salt: UInt32) throws(FrameFault) {
        precondition(bytes.count >= LogFormat.frameHeaderSize, "the caller reads whole blocks")
        guard bytes.matches(Self.magic, at: 0) else { throw .noHeader }
        let crc = bytes.uint32(at: 60)
        guard CRC32C.of(bytes.extracting(0..<60)) == crc else { throw .noHeader }
        guard bytes.uint32(at: 52) == salt else { throw .foreignSalt }
        guard bytes.position(at: 16) == position else { throw .foreignPosition }
        guard bytes[4] == LogFormat.formatVersion else { throw .unsupported(version: bytes[4]) }
        guard let header = FrameHeader(fieldsOf: bytes, crc: crc) else { throw .badHeader }
        self = header
    }

    /// Whether what is left of a broken header says that it was written for this place.
    ///
    /// What an older life of the segment left has another salt, and another position.
    static func isTrace(_ bytes: Span<UInt8>, at position: Int, salt: UInt32) -> Bool {
        bytes.uint32(at: 52) == salt
            || bytes.matches(magic, at: 0) && bytes.position(at: 16) == position
    }

    private init?(fieldsOf bytes: Span<UInt8>, crc: UInt32) {
        guard let kind = FrameKind(rawValue: bytes[5]),
            bytes.uint16(at: 6) == UInt16(LogFormat.frameHeaderSize),
            let position = bytes.position(at: 16),
            let committed = bytes.position(at: 32),
            let logTime = bytes.position(at: 40)
        else { return nil }
        self.init(
            kind: kind, payloadSize: Int(bytes.uint32(at: 12)), position: position,
            epoch: bytes.uint32(at: 24),
            entryCount: Int(bytes.uint32(at: 28)), committed: committed,
            logTime: logTime, previousCRC: bytes.uint32(at: 48),
            salt: bytes.uint32(at: 52),
            payloadCRC: bytes.uint32(at: 56), headerCRC: crc)
        guard payloadSize <= LogFormat.payloadSizeMax, committed <= position,
            position % LogFormat.blockSize == 0, isDataOrEmpty,
            Int(bytes.uint32(at: 8)) == frameSize
        else { return nil }
    }

    private var isDataOrEmpty: Bool {
        kind == .data ? entryCount > 0 && payloadSize > 0 : entryCount == 0 && payloadSize == 0
    }
}
