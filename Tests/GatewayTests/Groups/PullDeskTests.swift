import Bytes
import HTTP
import Records
import Testing
import Wire

@testable import Gateway

@Suite("The desk for pulls")
struct PullDeskTests {
    @Test("asks one shard for all, and the others for what is left")
    func waves() throws {
        let bench = PullBench(partitions: 6, shards: 3)
        try bench.pull { $0.messagesMax = 10 }
        let first = bench.calls()
        #expect(first.count == 1 && first[0].content.pull?.messagesMax == 10)
        #expect(first[0].content.pull?.address == "1.2.3.4")
        bench.grant(first[0].id, [bench.lease(0, 0..<3)], lag: 5)
        let second = bench.calls()
        #expect(second.map { $0.content.pull?.messagesMax } == [4, 3])
        #expect(Set(second.map(\.shard) + [first[0].shard]).count == 3)
        bench.grant(second[0].id, lag: 2)
        #expect(bench.answers().isEmpty)
        bench.grant(second[1].id, [bench.lease(1, 8..<9)], lag: 1)
        let answers = bench.answers()
        #expect(answers.count == 1 && answers[0].isDelivery)
        let body = text(answers[0])
        #expect(body.contains(#""ended":"data","lag":8}"#))
        for id in ["0-0", "0-1", "0-2", "1-8"] { #expect(body.contains("\"id\":\"\(id)\"")) }
        #expect(bench.calls().isEmpty)
    }

    @Test("tells who made a group that it was deleted since, whatever comes first")
    func endsFirst() throws {
        let bench = PullBench(isAttached: false)
        bench.topics.apply(.put(bench.topic))
        try bench.pull(wait: 10_000)
        let attach = bench.desk.takeCalls()
        // News go before answers.
        bench.groups.apply(.put(bench.group))
        bench.groups.apply(.deleted(id: bench.group.id, name: "g"))
        bench.desk.hear(.deleted(id: bench.group.id, name: "g"))
        bench.desk.take(
            attach[0].id, .group(.created(bench.group)), into: &bench.topics, &bench.groups,
            at: bench.moment)
        #expect(status(bench.answers().first) == 404)
        #expect(bench.groups.count == 0)
        #expect(bench.desk.takeCalls().isEmpty)
    }

    @Test("begins with another shard each time")
    func rotates() throws {
        let bench = PullBench(partitions: 4, shards: 2)
        var shards: [UInt16] = []
        for number in 0..<6 {
            try bench.pull(number) { $0.messagesMax = 1 }
            let calls = bench.calls()
            shards.append(calls[0].shard)
            bench.grant(calls[0].id, [bench.lease(0, number..<number + 1)])
        }
        #expect(shards.count { $0 == 0 } == 3)
    }

    @Test("gives each topic of a shard its weight, however many partitions it has")
    func weighs() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let wide = sampleTopic("wide", id: 8, partitions: 4)
        bench.topics.apply(.put(wide))
        var group = bench.group
        group.attachments.append(GroupAttachment(topic: 8, since: 0, start: .earliest))
        bench.groups.apply(.put(group))
        try bench.pull { $0.topics.append(PullOrder.Topic(name: "wide", weight: 2)) }
        let parts = try #require(bench.calls().first?.content.pull?.parts)
        func weight(_ topic: UInt32) -> Int {
            parts.filter { $0.partition.topic == topic }.reduce(0) { $0 + $1.weight }
        }
        #expect(parts.count == 5 && weight(8) == 2 * weight(7))
    }

    @Test("parks what finds nothing, watches every shard, and asks the one that has news")
    func parks() throws {
        let bench = PullBench()
        try bench.pull(wait: 5_000) { $0.consumer = "me" }
        for _ in 0..<2 {
            for call in bench.calls() where call.content.pull != nil { bench.grant(call.id) }
        }
        let watches = bench.calls()
        #expect(watches.count == 2 && watches.allSatisfy { $0.content.watch?.consumer == "me" })
        #expect(bench.desk.counts.parked == 1 && bench.answers().isEmpty)
        bench.answer(watches[1].id, .group(.news))
        let asked = bench.calls()
        #expect(asked.map(\.shard) == [watches[1].shard])
        // Somebody else was faster.
        bench.now += 10
        bench.grant(asked[0].id)
        let again = bench.calls()
        #expect(again.map(\.shard) == [watches[1].shard] && again[0].content.watch?.waited == 10)
        bench.answer(again[0].id, .group(.news))
        bench.grant(bench.calls()[0].id, [bench.lease(1, 0..<1)])
        #expect(bench.answers().count == 1)
        let taken = bench.calls().compactMap(\.content.unwatched)
        #expect(taken == [watches[0].id.raw])
        bench.desk.delivered(exchange(1))
        #expect(bench.desk.isQuiet && bench.desk.pending.count == 0)
    }

    @Test("ends a wait before it is over, and not for all at once")
    func ends() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        for number in 0..<50 { try bench.pull(number, wait: 10_000) }
        for call in bench.calls() { bench.grant(call.id, lag: 3) }
        var ends: [UInt64] = []
        while let due = bench.desk.nextDeadline {
            bench.now = due
            bench.desk.expire(in: bench.topics, bench.groups, at: bench.moment)
            for answer in bench.answers() {
                ends.append(due - 1_000)
                #expect(text(answer) == #"{"messages":[],"ended":"timeout","lag":3}"# + "\n")
            }
        }
        #expect(ends.count == 50 && ends.allSatisfy { 9_400...9_901 ~= $0 })
        #expect(Set(ends).count > 20)
        _ = bench.calls()
        #expect(bench.desk.isQuiet && bench.desk.pending.count == 0)
    }

    @Test("gives back what was granted for somebody who has gone")
    func forgets() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        try bench.pull(wait: 5_000)
        let call = bench.calls()[0]
        bench.desk.forget(exchange(1))
        bench.grant(call.id, [bench.lease(0, 4..<6)])
        let back = try #require(bench.calls().first?.content.settle?.items.first)
        #expect(back.kind == .release && back.runs == [4..<6] && back.group == 3)
        #expect(bench.answers().isEmpty && bench.desk.isQuiet)
    }

    @Test("takes a watch back of whoever has gone, and hears nothing of it")
    func withdraws() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        try bench.pull(wait: 5_000)
        bench.grant(bench.calls()[0].id)
        let watch = bench.calls()[0]
        bench.desk.forget(exchange(1))
        #expect(bench.calls().compactMap(\.content.unwatched) == [watch.id.raw])
        bench.answer(watch.id, .group(.news))
        #expect(bench.calls().isEmpty && bench.desk.isQuiet)
    }

    @Test("gives back what did not leave whole, and nothing that did")
    func delivers() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        for number in 1...2 {
            try bench.pull(number)
            bench.grant(bench.calls()[0].id, [bench.lease(0, number..<number + 1)])
        }
        #expect(bench.answers().count == 2)
        bench.desk.delivered(exchange(1))
        bench.desk.undelivered(exchange(2), in: bench.topics)
        bench.desk.undelivered(exchange(1), in: bench.topics)
        let items = bench.calls().flatMap { $0.content.settle?.items ?? [] }
        #expect(items.map(\.runs) == [[2..<3]] && items[0].kind == .release)
        #expect(bench.desk.counts.released == 1)
    }

    @Test("gives nothing to a client that has stopped sending while it waited")
    func inputEnds() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        try bench.pull(1, wait: 5_000)
        try bench.pull(2, wait: 5_000)
        let calls = bench.calls()
        bench.grant(calls[0].id)
        bench.desk.inputEnded(exchange(1), at: bench.moment)
        #expect(bench.answers().map { text($0).contains("timeout") } == [true])
        bench.desk.inputEnded(exchange(2), at: bench.moment)
        bench.grant(calls[1].id, [bench.lease(0, 0..<1)])
        #expect(bench.answers().map { text($0).contains("timeout") } == [true])
        #expect(bench.calls().contains { $0.content.settle?.items.first?.kind == .release })
    }

    @Test("lingers for more, and then gives what there is")
    func lingers() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        try bench.pull(wait: 9_000) {
            $0.messagesMin = 3
            $0.linger = 500
        }
        bench.grant(bench.calls()[0].id, [bench.lease(0, 0..<1)])
        #expect(bench.answers().isEmpty && bench.calls()[0].content.watch != nil)
        while bench.desk.answers.isEmpty, bench.passToNextDeadline() {}
        #expect(bench.answers().count == 1 && 1_500...1_501 ~= bench.now)
    }

    @Test("asks first whether a pull with an id was there before, and never asks a giver again")
    func probes() throws {
        let bench = PullBench()
        try bench.pull(wait: 5_000) { $0.id = 9 }
        let probes = bench.calls()
        #expect(probes.count == 2)
        #expect(probes.allSatisfy { $0.content.pull?.messagesMax == 0 && $0.content.pull?.id == 9 })
        bench.grant(probes[0].id)
        bench.grant(probes[1].id)
        let first = bench.calls()
        #expect(first.count == 1 && first[0].content.pull?.messagesMax == 100)
        bench.grant(first[0].id, [bench.lease(0, 0..<1)])
        let second = bench.calls()
        #expect(second.count == 1 && second[0].shard != first[0].shard)
        bench.grant(second[0].id)
        #expect(bench.answers().count == 1)

        try bench.pull(2) { $0.id = 9 }
        let repeated = bench.calls()
        bench.grant(repeated[0].id, [bench.lease(0, 0..<1)])
        bench.grant(repeated[1].id)
        #expect(bench.answers().count == 1 && bench.calls().isEmpty)
    }

    @Test("answers a pull with an id the same, whichever shard is asked and answers first")
    func repeats() throws {
        let bench = PullBench()
        let leases = [bench.lease(0, 0..<2), bench.lease(1, 0..<1)]
        var bodies: [String] = []
        for number in 1...4 {
            try bench.pull(number) { $0.id = 9 }
            let probes = bench.calls()
            for probe in number % 2 == 0 ? probes : probes.reversed() {
                bench.grant(probe.id, [leases[Int(probe.shard)]])
            }
            bodies.append(text(bench.answers().first))
        }
        #expect(Set(bodies).count == 1 && bodies[0].contains("\"id\":\"1-0\""))
    }

    @Test("gives back a message that is too large for what is left")
    func trims() throws {
        let bench = PullBench()
        try bench.pull { $0.bytesMax = 500 }
        bench.grant(bench.calls()[0].id, [bench.lease(0, 0..<1, bodySize: 300)])
        bench.grant(bench.calls()[0].id, [bench.lease(1, 0..<1, bodySize: 300)])
        let answer = bench.answers().first
        #expect(text(answer).contains("\"id\":\"0-0\"") && !text(answer).contains("\"id\":\"1-0\""))
        #expect(bench.calls().first?.content.settle?.items.first?.kind == .release)
        try bench.pull { $0.bytesMax = 500 }
        bench.grant(bench.calls()[0].id, [bench.lease(0, 0..<1, bodySize: 3_000)])
        #expect(text(bench.answers().first).contains("\"ended\":\"limit\""))
    }

    @Test("makes the topics and the group first, where they are not known here")
    func inquires() throws {
        let bench = PullBench(isAttached: false)
        try bench.pull()
        let find = bench.desk.takeCalls()
        guard case .coordinator(.find("orders", mayCreate: true)) = find[0].content else {
            Issue.record("another call")
            return
        }
        bench.desk.take(
            find[0].id, .created(bench.topic), into: &bench.topics, &bench.groups, at: bench.moment)
        let attach = bench.desk.takeCalls()
        guard
            case .coordinator(.group(.attach(name: "g", topics: [7], mayCreate: true))) =
                attach[0].content
        else {
            Issue.record("another call")
            return
        }
        bench.desk.take(
            attach[0].id, .group(.created(bench.group)), into: &bench.topics, &bench.groups,
            at: bench.moment)
        #expect(bench.calls().count == 1)
    }

    @Test(
        "asks shards again that have not heard of the group yet, with growing pauses, and not for ever"
    )
    func retries() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        try bench.pull()
        var pauses: [UInt64] = []
        while let call = bench.calls().first {
            let asked = bench.now
            bench.answer(call.id, .group(.refused(.notAttached)))
            while !bench.desk.hasCalls, bench.desk.answers.isEmpty, bench.passToNextDeadline() {}
            if bench.desk.hasCalls { pauses.append(bench.now - asked) }
        }
        #expect(pauses.prefix(4) == [5, 10, 20, 40] && pauses.count == PullDesk.retriesMax)
        #expect(bench.answers().map(status) == [503])
    }

    @Test("lets only so many wait, and says so with 429")
    func bounds() throws {
        let bench = PullBench(partitions: 1, shards: 1) { $0.parkedPerGroupMax = 2 }
        for number in 0..<3 { try bench.pull(number, wait: 5_000) }
        for call in bench.calls() { bench.grant(call.id) }
        let answers = bench.answers()
        #expect(answers.map(status) == [429])
        guard case .problem(let error) = answers[0].content else { return }
        #expect(Problem(error).retryAfterSeconds != nil)
    }

    @Test("has nothing to lease with before the secrets are known")
    func needsSecrets() throws {
        let bench = PullBench(hasSecret: false)
        #expect(throws: GatewayError.work(.noSecret)) { try bench.pull() }
    }

    @Test("answers all who wait while the process drains, spread until its end")
    func drains() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        for number in 0..<20 { try bench.pull(number, wait: 20_000) }
        for call in bench.calls() { bench.grant(call.id) }
        bench.desk.drain(until: 3_000, at: bench.moment)
        var ended = 0
        while let due = bench.desk.nextDeadline, due <= 3_001 {
            bench.now = due
            bench.desk.expire(in: bench.topics, bench.groups, at: bench.moment)
            let answers = bench.answers()
            #expect(answers.allSatisfy { text($0).contains("\"ended\":\"drain\"") })
            ended += answers.count
        }
        #expect(ended == 20)
        try bench.pull(99, wait: 20_000)
        bench.grant(bench.calls().first { $0.content.pull != nil }!.id)
        #expect(bench.answers().count == 1)
    }

    @Test("tells who waits when the group or a topic is deleted")
    func hears() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        try bench.pull(1, wait: 5_000)
        bench.grant(bench.calls()[0].id)
        bench.desk.hear(.deleted(id: 3, name: "g"))
        try bench.pull(2, wait: 5_000)
        bench.desk.hear(
            .deleted(id: 7, name: "orders"), in: bench.topics, at: bench.moment)
        #expect(bench.answers().map(status) == [404, 404])
    }

    @Test("sees partitions that a topic gets, while it waits and while its calls are out")
    func grows() throws {
        let bench = PullBench(partitions: 1, shards: 2)
        func grow(to partitions: Int) {
            let news = TopicNews.put(sampleTopic(id: 7, partitions: partitions, shards: 2))
            bench.topics.apply(news)
            bench.desk.hear(news, in: bench.topics, at: bench.moment)
        }
        try bench.pull(wait: 5_000)
        let first = bench.calls()
        #expect(first.map { $0.content.pull?.parts.count } == [1])
        grow(to: 2)
        #expect(bench.calls().isEmpty)
        bench.grant(first[0].id)
        // All that was to be asked, and the new one, and then nobody waits in the old shard alone.
        var asked = bench.calls()
        #expect(Set(asked.map(\.shard)) == [0, 1])
        for call in asked { bench.grant(call.id) }
        let watches = bench.calls()
        #expect(Set(watches.map(\.shard)) == [0, 1])
        grow(to: 3)
        asked = bench.calls()
        #expect(Set(asked.compactMap(\.content.unwatched)) == Set(watches.map(\.id.raw)))
        let pulls = asked.filter { $0.content.pull != nil }
        #expect(pulls.reduce(0) { $0 + ($1.content.pull?.parts.count ?? 0) } == 3)
        for call in pulls { bench.grant(call.id) }
        let partitions = bench.calls().flatMap { $0.content.watch?.partitions ?? [] }
        #expect(partitions.map(\.partition).sorted() == [0, 1, 2])
    }
}
