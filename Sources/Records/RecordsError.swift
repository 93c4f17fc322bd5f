/// What can be wrong with a batch, a frame of a client, or a record that is to go into one.
package enum RecordsError: Error, Equatable, Sendable {
    /// There are fewer bytes than were declared, or than there have to be.
    case truncated
    /// Of a later version, perhaps; none of these may be skipped.
    case unknownKind(UInt8)
    case unknownVersion(UInt8)
    case unknownCodec(UInt8)
    case unknownBits(UInt16)
    case unknownField(UInt8)
    /// Offsets and dates are below 2^62, so that sums of them are numbers.
    case numberTooLarge
    /// The sizes of the header contradict each other.
    case badSizes
    case badDirectory(record: Int)
    case badChecksum(stated: UInt32, found: UInt32)
    /// It does not inflate to what the header says.
    case badPayload
    /// The parts of a record do not lie in it, or not as the directory says.
    case badRecord(Int)
    /// A hash in the directory is not that of the record.
    case badHash(record: Int)
    /// What only a gateway may say in a batch was said by a client.
    case notForClients
    case tooLarge(RecordPart, limit: Int)
    case tooMany(RecordPart, limit: Int)
    /// Not UTF-8, or with a control character where that could do harm.
    case notText(RecordPart)
    /// A field of a frame has not the size that its number has.
    case badField(UInt8)
    case repeatedField(UInt8)
}

/// The part of a batch that an error is about.
package enum RecordPart: Equatable, Sendable {
    case batch, record, body, key, contentType, attributes, attributeName, frame
}
