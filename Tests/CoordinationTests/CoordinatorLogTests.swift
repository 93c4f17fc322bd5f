import CommitLog
import Simulation
import Testing
import Wire

@testable import Coordination

@Suite("The coordinator's log")
struct CoordinatorLogTests {
    @Test("answers only when what it says is flushed")
    func waitsForTheFlush() throws {
        let desk = try Desk()
        try desk.settle()
        let ticket = desk.put("a")
        guard case .write = try desk.log.nextWrite(at: desk.now) else {
            Issue.record("nothing to write")
            return
        }
        #expect(desk.log.takeReplies().isEmpty && desk.log.takeNews().isEmpty)
        let find = desk.call(.find(name: "a", mayCreate: false))
        desk.log.flushed(at: desk.now)
        #expect(desk.log.takeReplies().map(\.ticket) == [ticket])
        #expect(desk.log.takeNews().count == 1)
        _ = try desk.log.nextWrite(at: desk.now)
        #expect(desk.log.takeReplies().map(\.ticket) == [find])
    }

    @Test("tells changes in the order in which they were decided")
    func tellsInOrder() throws {
        let desk = try Desk()
        _ = desk.put("a")
        _ = desk.put("b")
        desk.call(.delete(name: "a"))
        desk.call(.find(name: "a", mayCreate: false))
        try desk.settle()
        let names = desk.news.map { news -> String in
            switch news {
            case .topic(.put(let topic)): "+\(topic.name)"
            case .topic(.deleted(_, let name)): "-\(name)"
            case .group, .secrets: ""
            }
        }
        #expect(names == ["+a", "+b", "-a"])
        #expect(desk.replies.last?.answer == .refused(.noSuchTopic))
    }

    @Test("confirms nothing after a failed flush, and says of which call nobody knows")
    func failsForGood() throws {
        let desk = try Desk()
        try desk.settle()
        desk.disk.failsNextFlush = true
        let put = desk.put("a")
        #expect(throws: LogError.disk(code: 5)) { try desk.turn() }
        let later = desk.put("b")
        desk.log.failed()
        let last = desk.put("c")
        let replies = desk.log.takeReplies()
        #expect(replies.map(\.ticket) == [put, later, last])
        let refused = replies.map { $0.answer }
        #expect(refused == [.refused(.failed), .refused(.unavailable), .refused(.unavailable)])
        #expect(desk.log.takeNews().isEmpty)
    }

    @Test("makes 10,000 topics in few rounds, and has them all after a restart")
    func manyTopics() throws {
        let desk = try Desk(limits: CoordinatorLimits())
        try desk.settle()
        for number in 0..<10_000 { _ = desk.put("topic-\(number)") }
        var rounds = 0
        while case .write = try desk.turn() { rounds += 1 }
        #expect(desk.replies.count == 10_000)
        #expect(rounds < 20)
        let state = desk.log.state
        let report = try desk.restart()
        #expect(report.frames < 25)
        #expect(desk.log.state == state)
    }

    @Test("goes on through segments, checkpoints what it has, and removes what is old")
    func rolls() throws {
        let desk = try Desk()
        for number in 0..<3_000 {
            _ = desk.put("topic-\(number % 20)") { $0.backlogMax = number }
            if number % 200 == 0 { try desk.settle() }
        }
        try desk.settle()
        let names = try desk.disk.names()
        let segments = names.filter { $0.hasSuffix(".log") }
        #expect(segments.count < 5, "\(names)")
        #expect(!segments.contains(FileName.segment(at: 0)))
        #expect(names.filter { $0.hasSuffix(".ckp") }.count == 2)
        var checker = try LogChecker(
            desk.disk, shard: CoordinatorLog.shard, cluster: Desk.cluster)
        #expect(try checker.finish().isSound)
        let (state, key) = (desk.log.state, desk.log.hashKey)
        try desk.restart()
        #expect(desk.log.state == state)
        #expect(desk.log.hashKey == key && key != nil)
    }

    @Test("without room refuses what is new, takes deletions, and goes on when there is room")
    func outlivesAFullDisk() throws {
        let desk = try Desk()
        try desk.settle()
        #expect(try desk.ask(.put(name: "a", TopicChange())) != nil)
        desk.disk.space = 0
        // Until the segment that was made ahead is in use, and the next one found no room.
        var refused: CoordinatorAnswer?
        for number in 0..<4_000 where refused == nil {
            let ticket = desk.put("a") { $0.backlogMax = number }
            guard number % 50 == 0 else { continue }
            try desk.settle()
            let answer = desk.replies.last { $0.ticket == ticket }?.answer
            if case .refused = answer { refused = answer }
        }
        #expect(refused == .refused(.noSpace))
        #expect(try desk.ask(.delete(name: "a")) == .deleted)
        desk.disk.space = .max
        desk.boot += CoordinatorLimits().retryPause
        try desk.settle()
        guard case .created = try desk.ask(.put(name: "a", TopicChange())) else {
            Issue.record("not created")
            return
        }
    }

    @Test("marks its commit point once when it is idle")
    func marks() throws {
        let desk = try Desk()
        try desk.settle()
        let due = try #require(desk.log.nextDeadline)
        desk.boot = due
        guard case .write(let write) = try desk.turn() else {
            Issue.record("nothing to write")
            return
        }
        #expect(write.header.kind == .commitMark)
        // What is left is the next secret of receipts.
        #expect(try #require(desk.log.nextDeadline) >= GroupRules.secretAgeMax)
    }

    @Test("decides nothing new once a part of it is lost")
    func staysReadOnly() throws {
        let desk = try Desk()
        try desk.settle()
        _ = try desk.ask(.put(name: "a", TopicChange()))
        let place = desk.log.logEnd
        _ = try desk.ask(.put(name: "b", TopicChange()))
        _ = try desk.ask(.put(name: "c", TopicChange()))
        let file = try desk.disk.open(FileName.segment(at: 0))
        file.rot(at: place + 100, bit: 3)
        let report = try desk.restart()
        #expect(!report.mayWrite && desk.log.isReadOnly)
        guard case .found = try desk.ask(.find(name: "a", mayCreate: true)) else {
            Issue.record("not found")
            return
        }
        let unavailable = CoordinatorAnswer.refused(.unavailable)
        #expect(try desk.ask(.find(name: "b", mayCreate: false)) == unavailable)
        #expect(try desk.ask(.find(name: "b", mayCreate: true)) == unavailable)
        #expect(try desk.ask(.delete(name: "a")) == unavailable)
    }
}
