package import Records
package import Wire

extension ShardBench {
    package static let group: UInt32 = 9

    /// A group that works on these topics from the date 0 on.
    package static func group(
        _ id: UInt32 = ShardBench.group, topics: [UInt32] = [1], start: GroupStart = .earliest,
        since: Int = 0, _ set: (inout GroupOptions) -> Void = { _ in }
    ) -> GroupDefinition {
        var options = GroupOptions()
        options.start = start
        set(&options)
        let attachments = topics.map { GroupAttachment(topic: $0, since: since, start: start) }
        return GroupDefinition(
            id: id, name: "group-\(id)", options: options, attachments: attachments, createdAt: 0)
    }

    /// A batch of messages with keys.
    package static func batch(
        keys: [String?], bodies: [[UInt8]] = [], ttl: UInt64? = nil,
        attribute: (String, String)? = nil
    ) -> [UInt8] {
        var builder = BatchBuilder()
        var compressor = BatchCompressor()
        for (index, key) in keys.enumerated() {
            let body = index < bodies.count ? bodies[index] : Array("\(key ?? "-") \(index)".utf8)
            var record = RecordDraft(time: 1_700_000_000_000, body: body[...])
            record.key = key.map { Array($0.utf8)[...] }
            record.ttl = ttl
            if let attribute {
                record.attributes = [
                    RecordAttribute(
                        name: Array(attribute.0.utf8)[...], value: Array(attribute.1.utf8)[...])
                ]
            }
            do throws(RecordsError) {
                let isIn = try builder.append(record)
                precondition(isIn, "the records of a test fit into a batch")
            } catch {
                preconditionFailure("a record that nobody can store: \(error)")
            }
        }
        return builder.encode(.none, with: &compressor)
    }

    package static func pull(
        _ partitions: [PartitionID], group: UInt32 = ShardBench.group, messagesMax: Int = 100,
        bytesMax: Int = .max, by consumer: String = "a", lease: Int? = nil, id: UInt64? = nil,
        settles: [GroupSettle.Item] = []
    ) -> GroupPull {
        GroupPull(
            group: group, parts: partitions.map { GroupPull.Part($0) }, consumer: consumer,
            address: "10.0.0.1", messagesMax: messagesMax, bytesMax: bytesMax, lease: lease,
            id: id, settles: settles)
    }

    @discardableResult
    package func pull(_ pull: GroupPull) -> UInt64 { call(.group(.pull(pull))) }

    /// What a pull got, if it is answered.
    package func grant(_ ticket: UInt64) -> GroupGrant? {
        guard case .group(.granted(let grant)) = answers[ticket] else { return nil }
        return grant
    }

    package func settled(_ ticket: UInt64) -> [[SettledRun]]? {
        guard case .group(.settled(let results)) = answers[ticket] else { return nil }
        return results
    }

    @discardableResult
    package func settle(
        _ leases: [GroupGrant.Lease], _ kind: GroupSettle.Kind, group: UInt32 = ShardBench.group
    ) -> UInt64 {
        call(.group(.settle(GroupSettle(leases.map { $0.item(kind, group: group) }))))
    }

    @discardableResult
    package func watch(
        _ partitions: [PartitionID], group: UInt32 = ShardBench.group, by consumer: String = "a",
        waited: Int = 0
    ) -> UInt64 {
        call(
            .group(
                .watch(
                    GroupWatch(
                        group: group, partitions: partitions, consumer: consumer, waited: waited))))
    }

    package func isNews(_ ticket: UInt64) -> Bool {
        if case .group(.news) = answers[ticket] { true } else { false }
    }

    package func status(
        _ partition: PartitionID, group: UInt32 = ShardBench.group
    ) -> GroupStatus? {
        let ticket = call(.group(.describe(group: group, [partition])))
        guard case .group(.described(let statuses)) = answers[ticket] else { return nil }
        return statuses.first
    }
}

extension ShardBench {
    package func usage(of group: UInt32 = ShardBench.group) -> GroupUsage? {
        let ticket = call(.group(.usage(group: group)))
        guard case .group(.usage(let usage)) = answers[ticket] else { return nil }
        return usage
    }
}

extension GroupGrant.Lease {
    package var offsets: [Int] { messages.map(\.offset) }

    /// Settles all of it the same way.
    package func item(
        _ kind: GroupSettle.Kind, group: UInt32 = ShardBench.group
    ) -> GroupSettle.Item {
        item(offsets, kind, group: group)
    }

    package func item(
        _ offsets: [Int], _ kind: GroupSettle.Kind, group: UInt32 = ShardBench.group
    ) -> GroupSettle.Item {
        var runs: [Range<Int>] = []
        for offset in offsets {
            if let last = runs.last, last.upperBound == offset {
                runs[runs.count - 1] = last.lowerBound..<offset + 1
            } else {
                runs.append(offset..<offset + 1)
            }
        }
        return GroupSettle.Item(
            group: group, partition: partition, generation: generation, runs: runs, kind)
    }

    /// The bodies of its messages, in order; nothing where a batch does not hold them.
    package var bodies: [[UInt8]]? {
        var found: [Int: [UInt8]] = [:]
        for batch in batches {
            guard let records = ShardBench.records(of: batch) else { return nil }
            for record in records { found[record.0] = record.1 }
        }
        let bodies = offsets.compactMap { found[$0] }
        return bodies.count == offsets.count ? bodies : nil
    }
}
