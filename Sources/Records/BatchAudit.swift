// Walks a whole batch and believes nothing. Storage and readers trust what a gateway has encoded
// and its check sum proves; a batch from a client, or one under examination, gets this.

internal import Bytes

extension BatchReader {
    /// Checks every record of the open batch against the limits and the directory.
    package mutating func audit() throws(RecordsError) {
        rewind()
        let bytes = bytes
        while let record = try nextRecord() {
            let entry = entry(record.index)
            let draft = record.draft(bytes, entry)
            try draft.check()
            guard draft.entry(size: entry.size) == entry else {
                throw .badHash(record: record.index)
            }
        }
        rewind()
    }

    /// Also refuses what a client may not say: places, times of records, producers, transactions and
    /// keyed hashes.
    package mutating func auditFromClient() throws(RecordsError) {
        guard let header = view?.header else { preconditionFailure("no batch is open") }
        let isOurs =
            header.topicID != 0 || header.partition != 0 || header.baseOffset != 0
            || header.logTime != 0
            || !header.attributes.isDisjoint(with: [.transactional, .sequenced, .idempotency])
        if isOurs { throw .notForClients }
        try audit()
        while let record = try nextRecord() {
            if record.time != header.baseTime { throw .notForClients }
        }
        rewind()
    }
}

extension RecordView {
    /// The record as it could be encoded again; `entry` is its own in the directory.
    package func draft(_ bytes: [UInt8], _ entry: DirectoryEntry) -> RecordDraft {
        var draft = RecordDraft(time: time, body: bytes[body])
        draft.key = key.map { bytes[$0] }
        draft.contentType = bytes[contentType]
        var cursor = attributes
        while let (name, value) = cursor.next(in: bytes.span) {
            draft.attributes.append(RecordAttribute(name: bytes[name], value: bytes[value]))
        }
        if entry.flags.contains(.hasTTL) { draft.ttl = entry.ttl }
        if entry.flags.contains(.hasDelay) {
            let isDate = entry.flags.contains(.delayIsDate)
            draft.delay = isDate ? .date(entry.delay) : .duration(entry.delay)
        }
        if entry.flags.contains(.hasIdempotency) { draft.idempotencyHash = entry.idempotencyHash }
        return draft
    }
}
