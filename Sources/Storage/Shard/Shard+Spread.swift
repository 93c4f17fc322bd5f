// Batches that span shards, as Wire/SpreadCall.swift tells it: what is said about them becomes entries, and
// is answered, or said on to other shards, once those are committed.

import CommitLog
import Delivery
import Records
import Wire

extension Shard {
    /// What this shard has to say to others since the last call, in order.
    package func takePosts() -> [SpreadPost] {
        defer { posts = [] }
        return posts
    }

    func post(_ call: SpreadCall, to other: UInt16) {
        posts.append(SpreadPost(from: number, to: other, call: call))
    }

    func take(_ call: SpreadCall, _ ticket: UInt64, _ caller: Caller) throws(ShardRefusal) {
        if acts.isUnderWay(call.spread) {
            guard acts.lateCount < limits.spreadCallsMax else { throw .overloaded }
            return acts.wait(SpreadActs.Late(call: call, ticket: ticket, caller: caller))
        }
        switch call {
        case .prepare(let spread, let judge, let publish):
            try prepare(spread, judge, publish, ticket, caller)
        case .decide(let spread, let others): try decide(spread, others, ticket, caller)
        case .show(let spread): try show(spread, ticket, caller)
        case .drop(let spread): try drop(spread, ticket, caller)
        case .ask(let spread, let other): try tell(other, of: spread, ticket, caller)
        case .done(let spread, let other):
            if state.spreads.done(spread, by: other) { try settle(spread) }
            answer(caller, ticket, .spread(.noted))
        }
    }

    private func prepare(
        _ spread: SpreadID, _ judge: UInt16, _ publish: Publish, _ ticket: UInt64,
        _ caller: Caller
    ) throws(ShardRefusal) {
        guard !spread.isNone else { throw .badBatch }
        guard state.spreads.takes(spread) else {
            return answer(caller, ticket, .spread(.tooLate))
        }
        guard state.spreads.count + acts.count < limits.spreadsMax else { throw .overloaded }
        try take(publish, ticket, caller, in: SpreadPrefix(spread, judge: judge))
    }

    // MARK: What the judge does

    private func decide(
        _ spread: SpreadID, _ others: [UInt16], _ ticket: UInt64, _ caller: Caller
    ) throws(ShardRefusal) {
        switch state.spreads.ruling(on: spread) {
        case .show(let parts) where !areLeaving(parts):
            let decision = draft(SpreadDecision(spread, isShown: true, others: others))
            let (pointers, places) = pointers(to: parts)
            try append([decision] + pointers, of: spread, [.answer(caller, ticket, .shown(places))])
        case .show, .tooLate(isNew: true):
            try refuse(spread, [.answer(caller, ticket, .tooLate)])
        case .isShown: answer(caller, ticket, .spread(.shown([])))
        case .tooLate(isNew: false): answer(caller, ticket, .spread(.tooLate))
        }
    }

    /// Refuses a batch for good, and drops the parts that are here.
    private func refuse(
        _ spread: SpreadID, _ sequels: [SpreadActs.Sequel]
    ) throws(ShardRefusal) {
        guard state.spreads.mayRefuse(at: time.now, age: limits.refusedTime) else {
            throw .overloaded
        }
        let drops = drops(of: state.spreads.parts(of: spread))
        try append([draft(SpreadDecision(spread, isShown: false))] + drops, of: spread, sequels)
    }

    private func tell(
        _ other: UInt16, of spread: SpreadID, _ ticket: UInt64, _ caller: Caller
    ) throws(ShardRefusal) {
        // Somebody else decides about it.
        if let judge = state.spreads.judge(of: spread), judge != number { throw .badBatch }
        switch state.spreads.word(on: spread) {
        case .shown: post(.show(spread), to: other)
        case .refused(isNew: false): post(.drop(spread), to: other)
        case .refused(isNew: true): try refuse(spread, [.post(other, .drop(spread))])
        }
        answer(caller, ticket, .spread(.noted))
    }

    private func settle(_ spread: SpreadID) throws(ShardRefusal) {
        try append([settled(spread)], of: spread, [])
    }

    // MARK: What the others do

    private func show(
        _ spread: SpreadID, _ ticket: UInt64, _ caller: Caller
    ) throws(ShardRefusal) {
        guard let judge = state.spreads.judge(of: spread) else {
            // It was shown before, or its topic is gone.
            if case .shard(let judge) = caller { post(.done(spread, from: number), to: judge) }
            return answer(caller, ticket, .spread(.shown([])))
        }
        // A judge shows what it has decided, and nothing else.
        guard judge != number else { throw .badBatch }
        let parts = state.spreads.parts(of: spread)
        let done = SpreadActs.Sequel.post(judge, .done(spread, from: number))
        if areLeaving(parts) {
            let entries = drops(of: parts) + [settled(spread)]
            let told = SpreadActs.Sequel.answer(caller, ticket, .shown([]))
            return try append(entries, of: spread, [told, done])
        }
        let (pointers, places) = pointers(to: parts)
        let told = SpreadActs.Sequel.answer(caller, ticket, .shown(places))
        try append(pointers + [settled(spread)], of: spread, [told, done])
    }

    private func drop(
        _ spread: SpreadID, _ ticket: UInt64, _ caller: Caller
    ) throws(ShardRefusal) {
        let parts = state.spreads.parts(of: spread)
        if parts.isEmpty { return answer(caller, ticket, .spread(.dropped)) }
        try append(
            drops(of: parts) + [settled(spread)], of: spread,
            [.answer(caller, ticket, .dropped)])
    }

    // MARK: Time

    /// Asks, tells and refuses what nobody else has done for a while.
    func doSpreadDuties() {
        if isReadOnly { return }
        for duty in state.spreads.duties(at: now.boot, pause: limits.spreadPause) {
            do throws(ShardRefusal) {
                switch duty {
                case .ask(let spread, let judge): post(.ask(spread, from: number), to: judge)
                case .tell(let spread, let others):
                    for other in others { post(.show(spread), to: other) }
                case .refuse(let spread) where !acts.isUnderWay(spread): try refuse(spread, [])
                case .settle(let spread) where !acts.isUnderWay(spread): try settle(spread)
                case .refuse, .settle: break
                }
            } catch {
                // What finds no room is due again after the pause.
                continue
            }
        }
    }
}

// MARK: Entries
extension Shard {
    private func append(
        _ entries: [EntryDraft], of spread: SpreadID, _ sequels: [SpreadActs.Sequel]
    ) throws(ShardRefusal) {
        if isReadOnly { throw .readOnly }
        do throws(LogError) {
            try log.append(together: entries) { _, _, _ in }
        } catch {
            throw ShardRefusal(error)
        }
        for entry in entries where entry.head.isIndexed { note(entry) }
        acts.begin(spread, sequels)
    }

    /// Whether the log says, or is about to, that the topic of these parts is gone.
    private func areLeaving(_ parts: [SpreadPart]) -> Bool {
        parts.contains { leavingTopics.contains($0.partition.topic) }
    }

    private func draft(_ decision: SpreadDecision) -> EntryDraft {
        EntryDraft(EntryHead(.decision), body: decision.body)
    }

    private func settled(_ spread: SpreadID) -> EntryDraft {
        var body: [UInt8] = []
        body.append(spread)
        return EntryDraft(EntryHead(.settled), body: body)
    }

    private func drops(of parts: [SpreadPart]) -> [EntryDraft] {
        parts.map { part in
            EntryDraft(
                EntryHead(.dropped, part.partition),
                body: Pointer(position: part.position, records: []).body)
        }
    }

    /// Gives the parts their offsets, but for those that wait for their time.
    private func pointers(
        to parts: [SpreadPart]
    ) -> (entries: [EntryDraft], places: [PlacedPart]) {
        var ends: [PartitionID: Int] = [:]
        var entries: [EntryDraft] = []
        var places: [PlacedPart] = []
        for part in parts {
            guard !part.isDelayed else {
                places.append(
                    PlacedPart(place: .held(position: part.position), logTime: part.logTime))
                continue
            }
            let offset = ends[part.partition] ?? end(of: part.partition)
            ends[part.partition] = offset + part.count
            let records = (0..<part.count).map { UInt16($0) }
            let head = EntryHead(
                type: EntryType.pointer.rawValue, flags: EntryHead.indexed | Pointer.flag,
                partition: part.partition, baseOffset: offset, count: UInt32(part.count))
            entries.append(
                EntryDraft(head, body: Pointer(position: part.position, records: records).body))
            places.append(PlacedPart(place: .offset(offset), logTime: part.logTime))
        }
        return (entries, places)
    }
}

// MARK: Commit
extension Shard {
    /// Notes that a decision, or the end of a batch, is committed: whoever waits for it hears so.
    func confirmSpread(_ entry: EntryPlace, in round: CommittedRound) {
        let place = entry.position - round.header.position
        let spread: SpreadID?
        switch EntryType(rawValue: entry.head.type) {
        case .decision:
            let decision = SpreadDecision(in: round.bytes, at: place, size: entry.size)
            spread = decision?.spread
            if let decision, decision.isShown {
                // Its gateway tells the others, and hears of them where their parts are.
                state.spreads.wait(
                    for: decision.spread, until: now.boot + limits.spreadPatience)
            }
        default: spread = SpreadID(settledIn: round.bytes, at: place, size: entry.size)
        }
        guard let spread else { preconditionFailure("our own entries are whole") }
        end(spread)
    }

    /// Notes that all parts of this shard are stored.
    func confirmPrepared(_ spread: SpreadID, _ done: PublishQueue.Waiting) {
        answer(done.caller, done.ticket, .spread(.prepared))
        state.spreads.wait(for: spread, until: now.boot + limits.spreadPatience)
        end(spread)
    }

    private func end(_ spread: SpreadID) {
        guard let act = acts.end(spread) else { return }
        for sequel in act.sequels {
            switch sequel {
            case .answer(let caller, let ticket, let word):
                answer(caller, ticket, .spread(word))
            case .post(let other, let call): post(call, to: other)
            }
        }
        lateSpreadCalls += act.late
    }

    /// Takes what came while something was under way, now that all that is committed is folded.
    func takeLateSpreadCalls() {
        let calls = lateSpreadCalls
        lateSpreadCalls = []
        for late in calls {
            do throws(ShardRefusal) {
                try take(late.call, late.ticket, late.caller)
            } catch {
                answer(late.caller, late.ticket, .refused(error))
            }
        }
    }

    /// Nothing will be confirmed any more.
    func failSpreads() {
        for (caller, ticket) in acts.removeAll() { answer(caller, ticket, .refused(.failed)) }
        for late in lateSpreadCalls { answer(late.caller, late.ticket, .refused(.failed)) }
        lateSpreadCalls = []
    }
}

extension EntryHead {
    fileprivate init(
        _ type: EntryType, _ partition: PartitionID = PartitionID(topic: 0, partition: 0)
    ) {
        self.init(type: type.rawValue, flags: 0, partition: partition, baseOffset: 0, count: 0)
    }
}
