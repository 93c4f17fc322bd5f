package import Records
package import Wire

extension ShardBench {
    /// A topic whose partitions are all of this shard.
    package static func topic(
        _ id: UInt32, partitions: Int = 1, retention: Int? = nil, retentionBytes: Int? = nil,
        backlogMax: Int? = nil, dedupWindow: Int = 0
    ) -> Topic {
        let settings = TopicSettings(
            partitions: partitions, retention: retention, retentionBytes: retentionBytes,
            messageSizeMax: 1 << 20, durability: .flushed, compression: .none,
            dedupWindow: dedupWindow,
            backlogMax: backlogMax)
        return Topic(
            id: id, name: "topic-\(id)", settings: settings,
            shards: [UInt16](repeating: number, count: partitions), createdAt: 0)
    }

    /// A batch of records with these bodies, delays, and hashes of Idempotency-Keys.
    package static func batch(
        _ bodies: [[UInt8]], delays: [RecordDelay] = [], keys: [UInt64] = []
    ) -> [UInt8] {
        var builder = BatchBuilder()
        var compressor = BatchCompressor()
        for (index, body) in bodies.enumerated() {
            var record = RecordDraft(time: 1_700_000_000_000, body: body[...])
            if index < delays.count { record.delay = delays[index] }
            if index < keys.count { record.idempotencyHash = keys[index] }
            do throws(RecordsError) {
                let isIn = try builder.append(record)
                precondition(isIn, "the records of a test fit into a batch")
            } catch {
                preconditionFailure("a record that nobody can store: \(error)")
            }
        }
        return builder.encode(.none, with: &compressor)
    }

    package static func batch(_ bodies: String...) -> [UInt8] {
        batch(bodies.map { Array($0.utf8) })
    }

    @discardableResult
    package func publish(
        _ parts: [(PartitionID, [UInt8])], isBuffered: Bool = false
    ) -> UInt64 {
        call(
            .publish(
                Publish(
                    parts: parts.map { Publish.Part(partition: $0.0, batch: $0.1) },
                    isBuffered: isBuffered)))
    }

    /// What a fetch answers at once.
    package func fetch(
        _ parts: [(PartitionID, Int)], bytesMax: Int = 1 << 20, recordsMax: Int = .max
    ) -> ShardAnswer? {
        let parts = parts.map { Fetch.Part(partition: $0.0, offset: $0.1) }
        let ticket = call(
            .fetch(Fetch(parts: parts, bytesMax: bytesMax, recordsMax: recordsMax)))
        return answers[ticket]
    }

    @discardableResult
    package func watch(_ parts: [(PartitionID, Int)]) -> UInt64 {
        call(.watch(Watch(parts: parts.map { Fetch.Part(partition: $0.0, offset: $0.1) })))
    }

    /// The bodies of all records of a partition from `offset` on, with their offsets; nothing where the
    /// shard refuses.
    package func readAll(
        _ partition: PartitionID, from offset: Int = 0, bytesMax: Int = 4_096
    ) -> [(offset: Int, body: [UInt8])]? {
        var records: [(Int, [UInt8])] = []
        var next = offset
        while true {
            guard case .fetched(let parts) = fetch([(partition, next)], bytesMax: bytesMax),
                let part = parts.first
            else { return nil }
            if part.batches.isEmpty { return records }
            for batch in part.batches {
                guard let found = Self.records(of: batch) else { return nil }
                records += found.filter { $0.0 >= max(next, part.start) }
                next = batch.endOffset
            }
        }
    }

    /// The records that a fetched batch shows.
    package static func records(of batch: FetchedBatch) -> [(Int, [UInt8])]? {
        do throws(RecordsError) {
            var reader = BatchReader()
            try reader.open(batch.bytes, at: batch.start)
            var bodies: [[UInt8]] = []
            while let record = try reader.nextRecord() {
                bodies.append(Array(reader.bytes[record.body]))
            }
            if let picks = batch.picks { bodies = picks.map { bodies[Int($0)] } }
            return bodies.enumerated().map { (batch.baseOffset + $0.offset, $0.element) }
        } catch {
            return nil
        }
    }
}
