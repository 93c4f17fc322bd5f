import Records

@testable import CommitLog

/// Things that several tests take as given.
enum Sample {
    static let cluster = Identity(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
    static let orders = PartitionID(topic: 3, partition: 1)

    static var limits: LogLimits {
        var limits = LogLimits()
        limits.payloadSizeMax = 8 << 10
        limits.roundSizeTarget = 4 << 10
        limits.waitingSizeMax = 24 << 10
        return limits
    }

    static func segment(start: Int = 0, capacity: Int = 32 << 10) -> SegmentHeader {
        SegmentHeader(
            shard: 2, start: start, capacity: capacity, salt: 0xC0FF_EE00 + UInt32(start >> 12),
            epoch: 1, createdTime: 1_000, cluster: cluster)
    }

    static func log() -> ShardLog {
        ShardLog(resuming: LogEnd(fresh: segment()), next: nil, epoch: 1, limits: limits)
    }

    static func head(offset: Int, count: UInt32 = 1) -> EntryHead {
        EntryHead(
            type: 1, flags: EntryHead.indexed, partition: orders, baseOffset: offset, count: count)
    }

    static func body(_ size: Int, of byte: UInt8 = 0x61) -> [UInt8] {
        [UInt8](repeating: byte, count: size)
    }

    static var header: FrameHeader {
        FrameHeader(
            kind: .data, payloadSize: 5_000, position: 0x1_0000_2000, epoch: 9, entryCount: 17,
            committed: 0x1_0000_1000, logTime: 0x0102_0304_0506, previousCRC: 0xAABB_CCDD,
            salt: 0x1122_3344, payloadCRC: 0x5566_7788)
    }
}

extension ShardLog {
    /// Takes the next write and brings it through, as a driver with a perfect disk does.
    mutating func turn(at time: Int = 2_000) throws -> LogWrite? {
        guard case .write(let write) = try nextWrite(logTime: time) else { return nil }
        flushed()
        return write
    }
}
