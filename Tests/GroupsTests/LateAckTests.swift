import Testing

@testable import Groups

@Suite("A late word about a message")
struct LateAckTests {
    /// What has happened since the client got the message, and what it is told.
    enum Since: CaseIterable {
        case nothing, expired, expiredUncommitted, restarted, acked, ackedUncommitted
        case ackedAndRestarted, othersHave, othersNacked, othersAcked, died, moved, moving
    }

    static func status(_ since: Since) -> SettleStatus {
        switch since {
        case .nothing, .expired, .expiredUncommitted, .restarted: .acked
        case .acked, .ackedUncommitted, .ackedAndRestarted: .alreadyAcked
        case .othersHave, .othersNacked, .othersAcked, .died, .moved, .moving: .lost
        }
    }

    private static func happen(_ since: Since, to grant: Grant, _ bench: PartitionBench) {
        switch since {
        case .nothing: break
        case .expired: bench.pass(1_000)
        case .expiredUncommitted:
            bench.now.boot += 1_000
            _ = bench.tick()
        case .restarted: bench.restart()
        case .ackedUncommitted: bench.settle(grant)
        case .acked:
            bench.settle(grant)
            bench.commit()
        case .ackedAndRestarted:
            bench.settle(grant)
            bench.commit()
            bench.restart()
        case .othersHave, .othersNacked, .othersAcked:
            bench.pass(1_000)
            guard let other = bench.pull(lease: 9_000, by: "b") else { return }
            if since == .othersNacked { bench.settle(other, .nack(delay: nil, reason: "")) }
            if since == .othersAcked { bench.settle(other) }
            bench.commit()
        case .died:
            bench.set { $0.attemptsMax = 1 }
            bench.commit()
            bench.pass(1_000)
        case .moved, .moving:
            bench.shelf.seek(PartitionBench.place, to: 0, at: bench.now)
            if since == .moved { bench.commit() }
        }
    }

    @Test("is answered by what has become of it since", arguments: Since.allCases)
    func ack(since: Since) throws {
        let bench = PartitionBench { $0.backoff = [0] }
        bench.publish([nil])
        let grant = try #require(bench.pull(lease: 1_000))
        Self.happen(since, to: grant, bench)
        #expect(bench.settle(grant) == [Self.status(since)])
        bench.commit()
        let isOver = [.acked, .alreadyAcked].contains(Self.status(since))
        #expect(!isOver || bench.partition.standing(of: 0) == .settled)
    }

    @Test("counts as a nack only of who has it", arguments: Since.allCases)
    func nack(since: Since) throws {
        let bench = PartitionBench { $0.backoff = [0] }
        bench.publish([nil])
        let grant = try #require(bench.pull(lease: 1_000))
        Self.happen(since, to: grant, bench)
        let expected: SettleStatus =
            switch Self.status(since) {
            case .acked: since == .nothing ? .nacked : .lost
            case let status: status
            }
        #expect(bench.settle(grant, .nack(delay: nil, reason: "")) == [expected])
    }

    @Test("that nobody can have got is unknown")
    func unknown() throws {
        let bench = PartitionBench()
        bench.publish([nil])
        let grant = try #require(bench.pull())
        #expect(bench.settle(grant, only: [1]) == [.unknown])
        let place = GroupPlace(group: 2, partition: PartitionBench.place.partition)
        let foreign = bench.shelf.settle(
            place, grant.offsets, of: grant.generation, .ack, at: bench.now)
        let ahead = bench.shelf.settle(
            PartitionBench.place, grant.offsets, of: grant.generation.next, .ack, at: bench.now)
        #expect(foreign == [.unknown] && ahead == [.unknown])
        #expect(bench.commit().isEmpty)
    }

    @Test("tells marks of leases apart by who came first, also over terms")
    func marks() {
        let first = LeaseGeneration(epoch: 255).next
        let rows: [(LeaseGeneration, LeaseGeneration)] = [
            (first, first.next), (first, LeaseGeneration(epoch: 256).next),
            (
                LeaseGeneration(raw: first.raw + 0xFF_FFF0),
                LeaseGeneration(raw: first.raw + 0x100_0010)
            ),
        ]
        for (earlier, later) in rows {
            #expect(earlier.came(before: later.mark) && !later.came(before: earlier.mark))
            #expect(!earlier.came(before: earlier.mark))
        }
    }
}
