import CommitLog
import Records

/// Proves batches where they lie: check sum, directory, payload, every record, and their place.
struct BatchCheck: ~Copyable {
    private var reader = BatchReader()

    /// Whether the body of `entry`, which begins at `place` of `payload`, has `prefix` bytes and then a
    /// batch that is the entry's own.
    mutating func isWhole(
        _ entry: EntryPlace, in payload: [UInt8], at place: Int, prefix: Int, of frame: FrameHeader
    ) -> Bool {
        let size = entry.size - LogFormat.entryHeadSize - prefix
        guard size > 0 else { return false }
        defer { reader.close() }
        do throws(RecordsError) {
            try reader.open(payload, at: place + prefix)
            try reader.audit()
        } catch {
            return false
        }
        guard let view = reader.view else { return false }
        let (head, header) = (entry.head, view.header)
        return view.range.count == size && view.count == Int(head.count)
            && header.topicID == head.partition.topic
            && header.partition == head.partition.partition
            && header.baseOffset == UInt64(head.baseOffset)
            && header.logTime <= UInt64(frame.logTime)
    }
}
