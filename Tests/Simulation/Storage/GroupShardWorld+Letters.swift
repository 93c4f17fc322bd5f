import Groups
import Records
import Storage
import Wire

// Each dead letter is in its topic exactly once, whatever was killed meanwhile, and nothing else is.
extension GroupShardWorld {
    static let letterTopic = ShardBench.topic(2, partitions: 3)

    /// A death, as a copy and as a letter tell of it.
    private struct Death: Hashable {
        let id: String
        let at: String
    }

    func checkLetters() {
        guard hasLetters, violation == nil else { return }
        guard var copies = allCopies() else { return fault("copies cannot be read") }
        tally.copied += copies.count
        if mistake == .copiesTwice, let first = copies.first { copies.append(first) }
        if mistake == .losesCopy, !copies.isEmpty { copies.removeLast() }
        var deaths: Set<Death> = []
        for copy in copies {
            check(copy)
            let death = Death(
                id: copy.attributes["dead-id"] ?? "", at: copy.attributes["dead-at"] ?? "")
            if !deaths.insert(death).inserted { fault("\(death) has two copies") }
        }
        for (death, owes) in letters() {
            if owes { fault("\(death) still owes its copy") }
            if !deaths.contains(death) { fault("\(death) has no copy") }
        }
    }

    private func allCopies() -> [ShardBench.Copy]? {
        var copies: [ShardBench.Copy] = []
        for partition in Self.letterTopic.shards.indices {
            let id = PartitionID(topic: Self.letterTopic.id, partition: UInt32(partition))
            guard let found = bench.copies(in: id) else { return nil }
            copies += found
        }
        return copies
    }

    /// A copy is what the message was, and says that it died.
    private func check(_ copy: ShardBench.Copy) {
        let numbers = (copy.attributes["dead-id"] ?? "").split(separator: "-").compactMap {
            Int($0)
        }
        guard numbers.count == 2, Self.partitions.indices.contains(numbers[0]) else {
            return fault("a copy is of nothing: \(copy.attributes)")
        }
        let known = messages[Self.partitions[numbers[0]], default: []]
        guard numbers[1] < known.count else { return fault("a copy is of \(numbers)") }
        let message = known[numbers[1]]
        if message.body != copy.body || message.key.map({ "k\($0)" }) != copy.key {
            fault("the copy of \(numbers) is another message")
        }
        if copy.attributes["dead-attempts"] != "\(attemptsMax)" {
            fault("the copy of \(numbers) says \(copy.attributes)")
        }
        if copy.attributes["dead-topic"] != "topic-1" || copy.attributes["dead-group"] != "group-9"
        {
            fault("the copy of \(numbers) says \(copy.attributes)")
        }
    }

    /// The letters that a start would come to, and whether they owe copies.
    private func letters() -> [(Death, owes: Bool)] {
        var letters: [(Death, Bool)] = []
        do throws(GroupsError) {
            for placed in try PlacedChange.all(in: bench.shard.picture.groups.span) {
                guard case .letters(let messages) = placed.change, let partition = placed.partition
                else { continue }
                for message in messages {
                    let id = "\(partition.partition)-\(message.offset)"
                    letters.append(
                        (Death(id: id, at: ShardBench.text(message.due)), message.owesCopy))
                }
            }
        } catch {
            fault("what the groups have come to is damaged")
        }
        return letters
    }
}
