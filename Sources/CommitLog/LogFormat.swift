// The numbers of docs/log-format.md. A test holds the page against them.

package enum LogFormat {
    package static let formatVersion: UInt8 = 1
    package static let blockSize = 4096
    package static let frameHeaderSize = 64
    package static let segmentHeaderSize = 128
    package static let segmentHeaderCopyPlace = 2048
    package static let entryHeadSize = 32
    package static let payloadSizeMax = 16 << 20
    package static let roundSizeTarget = 4 << 20
    package static let roundEntriesMax = 8192
    package static let waitingSizeMax = 64 << 20
    package static let segmentCapacityMax = 1 << 30
    package static let indexEntrySize = 40
    package static let indexEntriesPerBlock = 102
    package static let fenceSize = 16
    package static let fencesPerBlock = 255
    package static let archiveHeaderSize = 64
    package static let archiveHeaderPlace = 512
    package static let extentSize = 24
    package static let extentsPerBlock = 170
    package static let archiveFencesPerBlock = 1023
    package static let cookieSize = 128
    package static let checkpointHeaderSize = 64
    package static let sectionHeaderSize = 24
    package static let sectionsMax = 4096
    package static let checkpointsKept = 2

    /// `size` rounded up to whole blocks.
    package static func blocks(for size: Int) -> Int {
        (size + blockSize - 1) / blockSize * blockSize
    }

    /// The size of a frame with so large a payload, padding included.
    package static func frameSize(payload: Int) -> Int { blocks(for: frameHeaderSize + payload) }
}
