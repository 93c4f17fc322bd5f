import CommitLog
import Simulation
import Storage
import Testing

@Suite("Troubles of the keeper")
struct KeeperTroublesTests {
    private typealias Row = (Chore.Kind, LogName, LogError?, KeeperNews?)

    private let full = LogError.noSpace
    private let broken = LogError.disk(code: 5)

    private func expect(_ rows: [Row]) {
        var troubles = KeeperTroubles()
        for (number, (kind, log, error, told)) in rows.enumerated() {
            #expect(troubles.note(kind, of: log, error) == told, "row \(number)")
        }
    }

    @Test("are told when they begin and when they end, not with each try")
    func onceEach() {
        expect([
            (.segment, .shard(1), nil, nil),
            (.segment, .shard(1), full, .troubled(.shard(1), full)),
            (.segment, .shard(1), full, nil),
            (.segment, .shard(1), full, nil),
            (.segment, .shard(1), nil, .mended(.shard(1))),
            (.segment, .shard(1), nil, nil),
            (.segment, .shard(1), full, .troubled(.shard(1), full)),
        ])
    }

    @Test("do not end because other work succeeds")
    func otherWork() {
        expect([
            (.segment, .shard(1), full, .troubled(.shard(1), full)),
            (.checkpoint, .shard(1), nil, nil),
            (.index, .shard(1), full, nil),
            (.segment, .shard(1), nil, nil),
            (.index, .shard(1), nil, .mended(.shard(1))),
        ])
    }

    @Test("of logs are apart, and so are a full disk and a broken one")
    func apart() {
        expect([
            (.segment, .shard(1), full, .troubled(.shard(1), full)),
            (.segment, .coordinator, full, .troubled(.coordinator, full)),
            (.segment, .shard(1), broken, .troubled(.shard(1), broken)),
            (.segment, .shard(1), full, nil),
            (.segment, .coordinator, nil, .mended(.coordinator)),
            (.segment, .shard(1), nil, .mended(.shard(1))),
        ])
    }

    @Test("come out of its work")
    func work() throws {
        let place = SimulatedPlace(seed: 1)
        var work = KeeperWork(place, DiskMarks())
        let checkpoint = Checkpoint(
            shard: 0, position: 0, logTime: 0, epoch: 0, previousCRC: 0, sections: [])
        place.directory(of: .shard(0)).failsNextFlush = true
        for id in 1...3 {
            _ = work.perform(Chore(id: id, .makeCheckpoint(checkpoint)), of: .shard(0))
        }
        let news = work.takeNews()
        #expect(news == [.troubled(.shard(0), broken), .mended(.shard(0))])
        #expect(work.takeNews().isEmpty)
    }
}
