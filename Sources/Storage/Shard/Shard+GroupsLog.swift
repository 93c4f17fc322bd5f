// The way of decisions about groups into the log, and what follows once they are committed.

import Bytes
import CommitLog
import Delivery
import Groups
import Records
import Wire

extension Shard {
    /// Puts what was decided in this turn into the log, for all groups together; whoever waits for nothing
    /// that is under way is answered.
    func writeGroups() {
        for call in groups.makeEntries() { follow(call) }
        while let body = groups.bodies.first {
            do throws(LogError) {
                try log.append(.groups, body: body)
            } catch {
                // What is decided cannot be taken back: it waits for room.
                groups.retryAt = now.boot + limits.groupRetryPause
                return
            }
            groups.bodies.removeFirst()
            counts.groupEntries += 1
            counts.groupBytes += LogFormat.entryHeadSize + body.count
        }
        groups.retryAt = nil
    }

    /// Folds a committed entry that may change groups.
    func confirmGroups(_ entry: EntryPlace, in round: CommittedRound) {
        let partition = entry.head.partition
        switch EntryType(rawValue: entry.head.type) {
        case .begin: groups.shelf.trim(partition, to: entry.head.baseOffset)
        case .topicGone:
            groups.shelf.forget(topic: partition.topic)
            groups.forget(topic: partition.topic)
        case .groups:
            let start = entry.position - round.header.position + LogFormat.entryHeadSize
            let body = start..<start + entry.size - LogFormat.entryHeadSize
            do throws(GroupsError) {
                let ends = state.partitions
                groups.rung.formUnion(
                    try groups.shelf.committed(
                        round.bytes.span.extracting(body), at: groupTime
                    ) { ends[$0]?.end ?? 0 })
            } catch {
                preconditionFailure("our own entries are whole: \(error)")
            }
            groups.confirm()
        default: break
        }
    }

    /// Goes on with what waited for a commit, once all of it is folded.
    func goOnWithGroups() {
        if !groups.early.isEmpty, isEpochSafe {
            groups.ripe += groups.early
            groups.early = []
        }
        let ripe = groups.ripe
        groups.ripe = []
        for call in ripe { follow(call) }
        let grown = groups.grown
        groups.grown = []
        for partition in grown.sorted() {
            for group in groups.watches.groups(of: partition) {
                groups.rung.insert(GroupPlace(group: group, partition: partition))
            }
        }
        let rung = groups.rung
        groups.rung = []
        for place in rung.sorted() { ring(place) }
    }

    private func follow(_ waiting: GroupWork.Waiting) {
        let (caller, ticket) = (waiting.caller, waiting.ticket)
        do throws(GroupTrouble) {
            switch waiting.sequel {
            case .settled(let results): answer(caller, ticket, .group(.settled(results)))
            case .moved(let offsets): answer(caller, ticket, .group(.moved(offsets)))
            case .redriving(let counts): answer(caller, ticket, .group(.redriving(counts)))
            case .seek(let seek): try take(seek, ticket, caller)
            case .pull(let pull, let settled, let tries):
                let places = try places(pull.group, pull.parts.map(\.partition))
                try grant(pull, places, settled: settled, tries: tries, ticket, caller)
            }
        } catch {
            answer(caller, ticket, error.answer)
        }
    }

    /// Nothing will be confirmed any more.
    func failGroups() {
        for call in groups.removeAll() { answer(call.caller, call.ticket, .refused(.failed)) }
        for key in groups.watches.removeAll() { answer(key.caller, key.ticket, .refused(.failed)) }
    }

    /// What was committed, as a checkpoint has it.
    var groupsBody: [UInt8] { groups.shelf.book.body }
}
