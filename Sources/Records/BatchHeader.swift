// The header of a batch, little-endian, as laid out in docs/log-format.md:
//
//     0 size 4    4 kind 1    5 version 1    6 reserved 2    8 topicID 4    12 partition 4
//     16 baseOffset 8    24 logTime 8    32 checksum 4
//     36 attributes 2    38 producerEpoch 2    40 producerID 8    48 baseTime 8
//     56 baseSequence 4    60 count 4    64 directorySize 4    68 rawSize 4    72 storedSize 4
//
// What is in front of 36 is not covered by the check sum, so that storage can give a batch its
// place without reading it through.

internal import Bytes

/// Everything about a batch that is known without its records.
package struct BatchHeader: Equatable, Sendable {
    package static let size = 76
    package static let kind: UInt8 = 1
    package static let version: UInt8 = 1

    /// Where each field is.
    package enum Place {
        package static let size = 0
        package static let kind = 4
        package static let version = 5
        package static let reserved = 6
        package static let topicID = 8
        package static let partition = 12
        package static let baseOffset = 16
        package static let logTime = 24
        package static let checksum = 32
        /// Here begins what the check sum covers.
        package static let attributes = 36
        package static let producerEpoch = 38
        package static let producerID = 40
        package static let baseTime = 48
        package static let baseSequence = 56
        package static let count = 60
        package static let directorySize = 64
        package static let rawSize = 68
        package static let storedSize = 72
    }

    package var topicID: UInt32 = 0
    package var partition: UInt32 = 0
    package var baseOffset: UInt64 = 0
    package var logTime: UInt64 = 0
    package var checksum: UInt32 = 0
    package var attributes: BatchAttributes = []
    package var producer = BatchProducer.nobody
    package var baseTime: UInt64 = 0
    package var count = 0
    package var directorySize = 0
    package var rawSize = 0
    package var storedSize = 0

    init() {}

    /// What stands in its place until it is written.
    static let room = [UInt8](repeating: 0, count: size)

    /// Of the batch in bytes.
    package var batchSize: Int { Self.size + storedSize + directorySize }

    package var codec: Codec { attributes.codec }

    /// The offset behind the last record.
    package var endOffset: UInt64 { baseOffset + UInt64(count) }
}

/// Who numbers the records of a batch, and with what number the first begins.
package struct BatchProducer: Equatable, Sendable {
    package var id: UInt64
    package var epoch: UInt16
    package var baseSequence: UInt32

    package init(id: UInt64, epoch: UInt16, baseSequence: UInt32) {
        self.id = id
        self.epoch = epoch
        self.baseSequence = baseSequence
    }

    static let nobody = BatchProducer(id: 0, epoch: 0, baseSequence: 0)
}

extension BatchHeader {
    /// Reads the header at `start`, and refuses it if anything in it is unknown, above its limit or
    /// contradicts the rest; whether the whole batch is there is not its concern.
    package init(_ bytes: Span<UInt8>, at start: Int) throws(RecordsError) {
        precondition(start >= 0 && start <= bytes.count)
        guard bytes.count - start >= Self.size else { throw .truncated }
        let head = bytes.extracting(start..<start + Self.size)
        try Self.checkKind(head)
        topicID = head.uint32(at: Place.topicID)
        partition = head.uint32(at: Place.partition)
        baseOffset = head.uint64(at: Place.baseOffset)
        logTime = head.uint64(at: Place.logTime)
        checksum = head.uint32(at: Place.checksum)
        attributes = BatchAttributes(rawValue: head.uint16(at: Place.attributes))
        producer = BatchProducer(
            id: head.uint64(at: Place.producerID), epoch: head.uint16(at: Place.producerEpoch),
            baseSequence: head.uint32(at: Place.baseSequence))
        baseTime = head.uint64(at: Place.baseTime)
        count = Int(head.uint32(at: Place.count))
        directorySize = Int(head.uint32(at: Place.directorySize))
        rawSize = Int(head.uint32(at: Place.rawSize))
        storedSize = Int(head.uint32(at: Place.storedSize))
        try attributes.check()
        try checkNumbers()
        guard Int(head.uint32(at: Place.size)) == batchSize else { throw .badSizes }
    }

    private static func checkKind(_ head: Span<UInt8>) throws(RecordsError) {
        guard head[Place.kind] == kind else { throw .unknownKind(head[Place.kind]) }
        guard head[Place.version] == version else { throw .unknownVersion(head[Place.version]) }
        let reserved = head.uint16(at: Place.reserved)
        guard reserved == 0 else { throw .unknownBits(reserved) }
    }

    private func checkNumbers() throws(RecordsError) {
        guard max(baseOffset, logTime, baseTime) < RecordLimits.numberEnd else {
            throw .numberTooLarge
        }
        guard attributes.contains(.sequenced) || producer == .nobody else { throw .notForClients }
        guard count >= 1 else { throw .badSizes }
        guard count <= RecordLimits.recordCountMax else {
            throw .tooMany(.record, limit: RecordLimits.recordCountMax)
        }
        let limit = Self.rawSizeMax(count: count)
        guard rawSize <= limit else { throw .tooLarge(.batch, limit: limit) }
        let isCompressed = storedSize < rawSize
        guard storedSize <= rawSize, isCompressed == (codec == .deflate),
            directorySize == DirectoryLayout(count: count, columns: attributes).size
        else { throw .badSizes }
    }

    /// What the records of a batch of `count` may make together.
    static func rawSizeMax(count: Int) -> Int {
        count == 1 ? RecordLimits.recordSizeMax : RecordLimits.rawSizeMax
    }

    /// Writes the header over the first bytes of a batch.
    func write(to bytes: inout [UInt8]) {
        var bytes = bytes.mutableSpan
        bytes.set(littleEndian: UInt32(batchSize), at: Place.size)
        bytes[Place.kind] = Self.kind
        bytes[Place.version] = Self.version
        bytes.set(littleEndian: checksum, at: Place.checksum)
        bytes.set(littleEndian: attributes.rawValue, at: Place.attributes)
        bytes.set(littleEndian: producer.epoch, at: Place.producerEpoch)
        bytes.set(littleEndian: producer.id, at: Place.producerID)
        bytes.set(littleEndian: baseTime, at: Place.baseTime)
        bytes.set(littleEndian: producer.baseSequence, at: Place.baseSequence)
        bytes.set(littleEndian: UInt32(count), at: Place.count)
        bytes.set(littleEndian: UInt32(directorySize), at: Place.directorySize)
        bytes.set(littleEndian: UInt32(rawSize), at: Place.rawSize)
        bytes.set(littleEndian: UInt32(storedSize), at: Place.storedSize)
    }

    /// Gives the batch at `start` its place in the log, which its check sum does not cover.
    package static func place(
        batchAt start: Int, in bytes: inout [UInt8], topicID: UInt32, partition: UInt32,
        baseOffset: UInt64, logTime: UInt64
    ) {
        precondition(max(baseOffset, logTime) < RecordLimits.numberEnd)
        assert(bytes[start + Place.kind] == kind && bytes[start + Place.version] == version)
        bytes.set(littleEndian: topicID, at: start + Place.topicID)
        bytes.set(littleEndian: partition, at: start + Place.partition)
        bytes.set(littleEndian: baseOffset, at: start + Place.baseOffset)
        bytes.set(littleEndian: logTime, at: start + Place.logTime)
    }

    /// Gives the batch at `start`, which comes from a client, the publish time that a gateway's
    /// clock says, and its check sum anew.
    package static func stamp(batchAt start: Int, in bytes: inout [UInt8], baseTime: UInt64) {
        precondition(baseTime < RecordLimits.numberEnd)
        bytes.set(littleEndian: baseTime, at: start + Place.baseTime)
        let size = Int(bytes.span.uint32(at: start + Place.size))
        let sum = batchChecksum(bytes.span.extracting(start..<start + size))
        bytes.set(littleEndian: sum, at: start + Place.checksum)
    }
}
