import CommitLog
import Coordination
import Reactor
import Wire

// What a turn does with the logs of its loop: one round each, written and flushed here and now, or
// handed to the flusher of the log.
extension LocalStorage {
    /// Between two tries to post what found no room.
    static var postRetryPause: Int { 1 }

    func drive<Owner: LogOwner>(_ log: Driven<Owner, Place.Directory>, at moment: Moment) {
        if let due = log.owner.nextDeadline, due <= moment.boot { log.owner.tick(at: moment) }
        do throws(LogError) {
            switch try log.driver.pump(&log.owner, clock: now) {
            case .nothing: break
            case .flushed: if log.owner.hasWaitingRound { isBusy = true }
            case .handOver(let round): try handOver(round, of: log)
            }
        } catch {
            note(error, of: log.driver.name)
        }
        for chore in log.owner.takeChores() {
            orders.append(KeeperOrder(loop: UInt16(loop), .chore(chore, of: log.driver.name)))
        }
    }

    private func handOver<Owner: LogOwner>(
        _ round: LogWrite, of log: Driven<Owner, Place.Directory>
    ) throws(LogError) {
        if give(round, toFlusherOf: log.driver.name) {
            roundsByThread += 1
            return
        }
        // There is no thread to be had: the log stays with its loop.
        try log.driver.keep(round, for: &log.owner, clock: now)
        if log.owner.hasWaitingRound { isBusy = true }
    }

    private func give(_ round: LogWrite, toFlusherOf log: LogName) -> Bool {
        do {
            if let rounds = flushers[log] {
                try rounds.post(round)
            } else {
                let rounds = try Mailbox<LogWrite>(limit: Flusher.roundsMax)
                try rounds.post(round)
                guard startFlusher(log, rounds) else { return false }
                flushers[log] = rounds
            }
            return true
        } catch {
            return false
        }
    }

    /// Takes what a flusher has done.
    func hear(_ report: FlushReport, at moment: Moment) {
        switch report.log {
        case .coordinator: if let coordinator { hear(report, of: coordinator, at: moment) }
        case .shard(let number):
            if let shard = shards[number] { hear(report, of: shard, at: moment) }
        }
    }

    private func hear<Owner: LogOwner>(
        _ report: FlushReport, of log: Driven<Owner, Place.Directory>, at moment: Moment
    ) {
        do throws(LogError) {
            try log.driver.hear(report, for: &log.owner, at: moment)
        } catch {
            note(error, of: log.driver.name)
        }
    }

    /// Later rounds of a poisoned log say so again.
    private func note(_ error: LogError, of log: LogName) {
        if failure == nil { failure = StorageFailure(log: log, error: error) }
    }

    /// What the coordinator has decided goes to everybody, before the answers to who asked for it.
    func spreadNews(at moment: Moment) {
        guard let coordinator else { return }
        for news in coordinator.owner.takeNews() {
            hear(news, at: moment)
            for other in outbox.indices where other != loop { outbox[other].news.append(news) }
        }
        for reply in coordinator.owner.takeReplies() {
            give(.coordinator(ticket: reply.ticket, reply.answer), to: Int(reply.loop))
        }
    }

    /// Brings what shards say to each other to its way: to one of this loop at once.
    func carryPosts() {
        var posts = takePosts()
        while !posts.isEmpty {
            // Shards have heard of a later time than the turn began with.
            let moment = now()
            for post in posts where Int(post.to) < shardCount {
                if shards[post.to] == nil {
                    outbox[switchboard.owner(of: post.to)].posts.append(post)
                } else {
                    take(post, at: moment)
                    isBusy = true
                }
            }
            posts = takePosts()
        }
    }

    private func takePosts() -> [SpreadPost] {
        var posts: [SpreadPost] = []
        for shard in shards.values { posts += shard.owner.takePosts() }
        return posts
    }

    func take(_ post: SpreadPost, at moment: Moment) {
        // Nobody waits for the answer: what has to be said is said by a post of its own.
        shards[post.to]?.owner.take(
            .spread(post.call), ticket: 0, from: .shard(post.from), at: moment)
    }

    func collect() {
        for shard in shards.values {
            for reply in shard.owner.takeAnswers() {
                guard case .loop(let caller) = reply.caller else { continue }
                give(.shard(ticket: reply.ticket, reply.answer), to: Int(caller))
            }
        }
    }

    private func give(_ reply: StorageReply, to other: Int) {
        if other == loop {
            replies.append(reply)
        } else {
            outbox[other].replies.append(reply)
        }
    }

    /// Posts what this turn has for others; what finds no room waits for the next one, and gathers.
    func post() {
        for other in outbox.indices where other != loop && !outbox[other].isEmpty {
            guard switchboard.take(outbox[other], for: other) else { continue }
            outbox[other] = StorageParcel(from: loop)
        }
        let sent = orders.prefix { switchboard.take($0) }.count
        orders.removeFirst(sent)
    }

    func updateDeadline(at moment: Moment) {
        var due: Int?
        for shard in shards.values {
            if let other = shard.owner.nextDeadline { due = min(due ?? other, other) }
        }
        if let other = coordinator?.owner.nextDeadline { due = min(due ?? other, other) }
        let waits = !orders.isEmpty || outbox.contains { !$0.isEmpty }
        if waits { due = min(due ?? .max, moment.boot + Self.postRetryPause) }
        nextDeadline = due.map { UInt64(max(0, $0)) }
    }
}
