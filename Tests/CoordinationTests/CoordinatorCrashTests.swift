import CommitLog
import Simulation
import Testing
import Wire

@testable import Coordination

@Suite("The coordinator on a disk that loses power, from a seed")
struct CoordinatorCrashTests {
    /// What clients were told, held against what the coordinator says later.
    private struct Told {
        var topics: [String: Topic] = [:]
        var groups: [String: GroupDefinition] = [:]
        /// Whose last change was not confirmed.
        var doubtful: Set<String> = []
        var ids: Set<UInt32> = []
        var violations: [String] = []

        mutating func take(_ answer: CoordinatorAnswer, about name: String) {
            switch answer {
            case .created(let topic):
                if !ids.insert(topic.id).inserted { violations.append("id \(topic.id) twice") }
                topics[name] = topic
            case .changed(let topic), .found(let topic): topics[name] = topic
            case .deleted, .refused(.noSuchTopic): topics[name] = nil
            case .group(.created(let group)):
                if !ids.insert(1_000_000 + group.id).inserted { violations.append("\(name) twice") }
                groups[name] = group
            case .group(.found(let group)), .group(.changed(let group)): groups[name] = group
            case .group(.deleted), .refused(.noSuchGroup): groups[name] = nil
            case .refused:
                doubtful.insert(name)
                return
            }
        }
    }

    @Test("keeps what it confirmed, and never gives an id twice", arguments: UInt64(1)...60)
    func keepsPromises(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let desk = try Desk(seed: seed)
        var told = Told()
        var asked: [UInt64: String] = [:]
        let key = try secret(desk)
        let secrets = desk.log.state.secrets
        for _ in 0..<60 {
            do throws(LogError) {
                if random.oneIn(8) { desk.disk.callsLeft = random.number(in: 0...10) }
                if random.oneIn(20) { desk.disk.failsNextFlush = true }
                for _ in 0..<random.number(in: 0...6) { call(desk, &random, &asked) }
                try desk.turn()
                listen(desk, &asked, &told)
            } catch {
                listen(desk, &asked, &told)
                told.doubtful.formUnion(asked.values)
                asked = [:]
                try restart(desk, &random)
            }
            guard told.violations.isEmpty else { break }
        }
        desk.disk.callsLeft = nil
        desk.disk.failsNextFlush = false
        try desk.settle()
        listen(desk, &asked, &told)
        desk.disk.losePower()
        try desk.restart()
        let found = desk.log.state.table.topics
        for (name, topic) in told.topics where !told.doubtful.contains(name) {
            #expect(found[name] == topic, "rerun with seed \(seed)")
        }
        for name in found.keys where told.topics[name] == nil && !told.doubtful.contains(name) {
            Issue.record("\(name) came back; rerun with seed \(seed)")
        }
        let groups = desk.log.state.groups.groups
        for name in Set(groups.keys).union(told.groups.keys) where !told.doubtful.contains(name) {
            #expect(groups[name] == told.groups[name], "rerun with seed \(seed)")
        }
        #expect(desk.log.state.secrets == secrets, "rerun with seed \(seed)")
        #expect(told.violations.isEmpty, "rerun with seed \(seed)")
        #expect(desk.log.hashKey == key, "rerun with seed \(seed)")
        #expect(Set(found.values.map(\.id)).count == found.count, "rerun with seed \(seed)")
    }

    private func secret(_ desk: Desk) throws -> HashKey? {
        try desk.settle()
        return desk.log.hashKey
    }

    private func call(
        _ desk: Desk, _ random: inout SeededRandom, _ asked: inout [UInt64: String]
    ) {
        if random.oneIn(3) { return callForGroup(desk, &random, &asked) }
        let name = "t\(random.number(in: 1...12))"
        let ticket =
            switch random.number(in: 0...3) {
            case 0: desk.call(.find(name: name, mayCreate: true))
            case 1: desk.call(.delete(name: name))
            default: desk.put(name) { $0.backlogMax = random.number(in: 1...1_000) }
            }
        asked[ticket] = name
    }

    private func callForGroup(
        _ desk: Desk, _ random: inout SeededRandom, _ asked: inout [UInt64: String]
    ) {
        let name = "g\(random.number(in: 1...6))"
        var edit = GroupEdit()
        edit.lease = random.number(in: 1...1_000)
        let call: GroupTableCall =
            random.oneIn(4) ? .delete(name: name) : .put(name: name, edit)
        asked[desk.call(.group(call))] = name
    }

    private func listen(_ desk: Desk, _ asked: inout [UInt64: String], _ told: inout Told) {
        for reply in desk.replies + desk.log.takeReplies() {
            guard let name = asked.removeValue(forKey: reply.ticket) else { continue }
            told.doubtful.remove(name)
            told.take(reply.answer, about: name)
        }
        desk.replies = []
    }

    private func restart(_ desk: Desk, _ random: inout SeededRandom) throws {
        for _ in 0..<20 {
            if random.oneIn(2) || desk.disk.isOut {
                desk.disk.losePower()
            } else {
                desk.disk.failsNextFlush = false
                desk.disk.callsLeft = nil
                desk.disk.dropCache()
            }
            if random.oneIn(4) { desk.disk.callsLeft = random.number(in: 0...20) }
            do throws(LogError) {
                let report = try desk.restart()
                desk.disk.callsLeft = nil
                #expect(report.mayWrite)
                return
            } catch {
                guard desk.disk.isOut else { throw error }
            }
        }
    }
}
