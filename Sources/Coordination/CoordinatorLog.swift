// The tables of topics and groups, kept in a log of their own.
//
// Calls wait until the round before is safe; then as many as fit one round are decided together, in
// order. So between two rounds the table is what the log says, and nothing is told before its flush.

package import CommitLog
package import Wire

/// An answer, and whose it is.
package struct CoordinatorReply: Equatable, Sendable {
    package let loop: UInt16
    package let ticket: UInt64
    package let answer: CoordinatorAnswer
}

package struct CoordinatorLog: Sendable {
    /// Stands in the headers of its files where a shard's has its number.
    package static let shard = UInt32.max

    private struct Call {
        let content: CoordinatorCall
        let ticket: UInt64
        let loop: UInt16
    }

    package private(set) var state: CoordinatorState
    /// Something of the log is lost, so nothing new can be decided: ids might come twice.
    package let isReadOnly: Bool
    private let rules: TopicRules
    private let limits: CoordinatorLimits
    private var log: ShardLog
    private var clock: LogTime
    private var keeping: LogKeeping
    private var salt: UInt32
    private var calls: [Call] = []
    /// Decided, and told once the round in flight is safe.
    private var pendingNews: [CoordinatorNews] = []
    private var pendingReplies: [CoordinatorReply] = []
    private var replies: [CoordinatorReply] = []
    private var news: [CoordinatorNews] = []
    /// When the last round was flushed, on the boot-time clock.
    private var lastFlush: Int
    private var lastWrite: FrameHeader?
    private var isMarkAsked = false
    private var secrets: SecretMaker
    /// When the next secret is due, on the boot-time clock.
    private var secretDue: Int
    /// Whoever takes something away may use the room that is left; nobody else.
    package var isDiskFull = false

    init(
        _ state: CoordinatorState, log: ShardLog, keeping: LogKeeping, rules: TopicRules,
        limits: CoordinatorLimits, isReadOnly: Bool, salt: UInt32, secrets: SecretMaker,
        at moment: Moment
    ) {
        self.state = state
        self.log = log
        self.keeping = keeping
        self.rules = rules
        self.limits = limits
        self.isReadOnly = isReadOnly
        self.salt = salt
        self.secrets = secrets
        clock = LogTime(after: log.logTime, wall: moment.wall, boot: moment.boot)
        lastFlush = moment.boot
        let age = max(0, moment.wall - (state.secrets.last?.from ?? moment.wall))
        secretDue = moment.boot + max(0, GroupRules.secretAgeMax - age)
    }

    package var isPoisoned: Bool { log.isPoisoned }
    /// Where the next round goes.
    var logEnd: Int { log.tail.position }

    /// Takes a call; its answer comes out of `takeReplies`, often only after the next flush.
    package mutating func take(_ call: CoordinatorCall, ticket: UInt64, from loop: UInt16) {
        guard !isPoisoned, calls.count < limits.callsMax else {
            return reply(.refused(.unavailable), to: ticket, of: loop)
        }
        calls.append(Call(content: call, ticket: ticket, loop: loop))
    }

    package mutating func takeReplies() -> [CoordinatorReply] {
        defer { replies = [] }
        return replies
    }

    /// Changes that are safe, in order, for everybody to hear.
    package mutating func takeNews() -> [CoordinatorNews] {
        defer { news = [] }
        return news
    }

    private mutating func reply(
        _ answer: CoordinatorAnswer, to ticket: UInt64, of loop: UInt16
    ) {
        replies.append(CoordinatorReply(loop: loop, ticket: ticket, answer: answer))
    }
}

extension CoordinatorLog: LogOwner {
    package mutating func nextWrite(at moment: Moment) throws(LogError) -> LogStep {
        let time = clock.advance(wall: moment.wall, boot: moment.boot)
        if isReadOnly {
            decide(at: time)
            return .wait
        }
        var step = try log.nextWrite(logTime: time)
        if case .wait = step, !log.isFlushing {
            if keeping.isCheckpointDue(at: moment.boot) {
                keeping.makeCheckpoint(of: state, at: log.tail)
            }
            decide(at: time)
            step = try log.nextWrite(logTime: time)
        }
        switch step {
        case .write(let write): lastWrite = write.header
        case .needsSegment: if let trouble = keeping.trouble { refuseAll(trouble.refusal) }
        case .wait: break
        }
        askForSegment(at: moment.boot)
        return step
    }

    package var hasWaitingRound: Bool { !calls.isEmpty || !isReadOnly && !log.isIdle }

    package mutating func flushed(at moment: Moment) {
        log.flushed()
        _ = log.commit(upTo: log.durable)
        guard !isPoisoned, let write = lastWrite else { return }
        lastWrite = nil
        lastFlush = moment.boot
        isMarkAsked = false
        if write.kind == .seal { keeping.noteSeal(of: log.tail.segment, end: write.end) }
        guard write.kind == .data else { return }
        news += pendingNews
        replies += pendingReplies
        pendingNews = []
        pendingReplies = []
    }

    package mutating func failed() {
        log.failed()
        // What was under way may be on the disk, or not.
        for reply in pendingReplies {
            self.reply(.refused(.failed), to: reply.ticket, of: reply.loop)
        }
        pendingReplies = []
        pendingNews = []
        refuseAll(.unavailable)
    }

    package mutating func tick(at moment: Moment) {
        if isReadOnly || isPoisoned { return }
        if let due = markDue, moment.boot >= due {
            isMarkAsked = true
            log.append(.commitMark)
        }
        if moment.boot >= secretDue { rotateSecret(at: moment) }
        askForSegment(at: moment.boot)
    }

    package var nextDeadline: Int? {
        if isReadOnly || isPoisoned { return nil }
        return [markDue, keeping.nextDeadline, secretDue].compactMap(\.self).min()
    }

    private var markDue: Int? {
        log.wantsCommitMark && !isMarkAsked ? lastFlush + limits.markPause : nil
    }

    package mutating func takeChores() -> [Chore] { keeping.takeChores() }

    package mutating func finished(_ report: ChoreReport, at moment: Moment) {
        if let header = keeping.finished(report, at: moment.boot) { log.prepared(header) }
    }

    private mutating func askForSegment(at boot: Int) {
        guard !log.hasPreparedSegment, keeping.isSegmentDue(at: boot) else { return }
        // Odd steps come around to the same number only after all others.
        salt = salt &+ 0x9E37_79B9
        keeping.makeSegment(log.nextSegment(capacity: limits.segmentCapacity, salt: salt))
    }
}

// Decisions.
extension CoordinatorLog {
    /// Decides what fits one round.
    private mutating func decide(at time: Int) {
        var decided = 0
        while decided < calls.count, log.waitingBytes < limits.log.roundSizeTarget / 2 {
            decide(calls[decided], at: time)
            decided += 1
        }
        calls.removeFirst(decided)
    }

    private mutating func decide(_ call: Call, at time: Int) {
        let decision = state.decide(call.content, rules, at: time)
        guard let record = decision.record else {
            return conclude(call, isReadOnly ? decision.answer.ifAllWereKnown : decision.answer)
        }
        if isReadOnly { return conclude(call, .refused(.unavailable)) }
        if !record.takesAway, let refusal = keeping.trouble?.refusal ?? diskRefusal {
            return conclude(call, .refused(refusal))
        }
        do throws(LogError) {
            try log.append(record.head, body: record.body)
        } catch {
            return conclude(call, .refused(.unavailable))
        }
        state.apply(record)
        if let change = CoordinatorNews(record, state) { pendingNews.append(change) }
        conclude(call, decision.answer)
    }

    private mutating func rotateSecret(at moment: Moment) {
        secretDue = moment.boot + GroupRules.secretRetryPause
        guard diskRefusal == nil, keeping.trouble == nil else { return }
        let now = clock.advance(wall: moment.wall, boot: moment.boot)
        let id = (state.secrets.last?.id ?? 0) &+ 1
        let record = CoordinatorRecord.secret(
            secrets.make(id: id, from: now + GroupRules.secretNotice))
        do throws(LogError) {
            try log.append(record.head, body: record.body)
        } catch {
            return
        }
        state.apply(record)
        pendingNews.append(.secrets(state.secrets))
        secretDue = moment.boot + GroupRules.secretAgeMax
    }

    private var diskRefusal: CoordinatorRefusal? { isDiskFull ? .noSpace : nil }

    /// An answer rests on all that was decided before it, so it waits for that to be safe.
    private mutating func conclude(_ call: Call, _ answer: CoordinatorAnswer) {
        if pendingNews.isEmpty { return reply(answer, to: call.ticket, of: call.loop) }
        pendingReplies.append(
            CoordinatorReply(loop: call.loop, ticket: call.ticket, answer: answer))
    }

    private mutating func refuseAll(_ refusal: CoordinatorRefusal) {
        for call in calls { reply(.refused(refusal), to: call.ticket, of: call.loop) }
        calls = []
    }
}

extension CoordinatorNews {
    /// What others hear of a record once it is applied.
    fileprivate init?(_ record: CoordinatorRecord, _ state: CoordinatorState) {
        switch record {
        case .identity: return nil
        case .put(let topic): self = .topic(.put(topic))
        case .deleted(let id, let name): self = .topic(.deleted(id: id, name: name))
        case .group(let group): self = .group(.put(group))
        case .groupDeleted(let id, let name): self = .group(.deleted(id: id, name: name))
        case .secret: self = .secrets(state.secrets)
        }
    }
}

extension LogError {
    /// What a caller hears while the next segment cannot be made.
    fileprivate var refusal: CoordinatorRefusal { self == .noSpace ? .noSpace : .unavailable }
}

extension CoordinatorAnswer {
    /// What is not found where a part of the table is lost may have been in that part.
    fileprivate var ifAllWereKnown: CoordinatorAnswer {
        switch self {
        case .refused(.noSuchTopic), .refused(.noSuchGroup): .refused(.unavailable)
        default: self
        }
    }
}
