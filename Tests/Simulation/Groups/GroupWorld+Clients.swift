import Groups

// What consumers do.
extension GroupWorld {
    @discardableResult
    mutating func pull() -> Int? {
        let client = random.number(in: 0...Self.clientCount - 1)
        let place = random.pick(Self.places)
        if random.oneIn(8), let taken = taken[client].last(where: { $0.pull != nil }) {
            pullAgain(taken)
            return nil
        }
        pullCount += 1
        let terms = PullTerms(
            messagesMax: random.number(in: 1...12), bytesMax: random.number(in: 0...8_000),
            lease: random.number(in: 1_000...30_000),
            holder: Holder(consumer: "consumer-\(client)", address: "10.0.0.\(client)"),
            pull: random.oneIn(2) ? pullCount : nil)
        guard let grant = pull(place, terms) else { return nil }
        taken[client].append(
            GroupTaken(place: place, grant: grant, pull: terms.pull, holder: terms.holder))
        return client
    }

    /// Pulls until something comes, or there is nothing more to look at.
    mutating func pull(_ place: GroupPlace, _ terms: PullTerms) -> Grant? {
        var time = now
        if mistake == .hurriesRetries { time.log += 3_000 }
        for _ in 0..<20 {
            let allowance = shelf.groups[place.group]?.allowance
            let outcome = shelf.pull(place, terms, from: supply(place), at: time)
            switch outcome {
            case .nothing(.lookFurther): continue
            case .nothing: return nil
            case .granted(let grant):
                model.granted(place, grant, lease: terms.lease, at: now)
                checkAllowance(allowance, terms.holder.consumer, grant.messages.count)
                return grant
            }
        }
        return nil
    }

    private mutating func checkAllowance(
        _ before: Allowance?, _ consumer: String, _ count: Int
    ) {
        guard let group = shelf.groups[Self.group], let before else { return }
        if let bound = group.settings.inFlightMax, before.inFlight + count > bound {
            model.fault("more is out than the group may have")
        }
        let bound = group.settings.inFlightPerConsumerMax
        if let bound, before.inFlight(of: consumer) + count > bound {
            model.fault("more is out than a consumer may have")
        }
    }

    /// Some of the records from where the group is; the last of them may be cut off.
    private mutating func supply(_ place: GroupPlace) -> RecordSupply? {
        guard let cursor = shelf[place]?.cursor else { return nil }
        let known = records[place, default: []]
        guard cursor < known.count else { return nil }
        let end = min(known.count, cursor + random.number(in: 1...30))
        var facts = Array(known[cursor..<end])
        for index in facts.indices {
            if mistake == .losesKeys { facts[index].key = nil }
            if mistake == .ignoresFilter { facts[index].isWanted = true }
        }
        if mistake == .losesRecord, facts.count > 3 { facts.remove(at: 1) }
        return RecordSupply(cursor..<end, facts)
    }

    /// The answer got lost on its way, and the client asks for it again.
    private mutating func pullAgain(_ taken: GroupTaken) {
        model.tally.repeats += 1
        let terms = PullTerms(
            messagesMax: 12, lease: 1_000, holder: taken.holder, pull: taken.pull)
        guard let known = shelf[taken.place]?.repeated(taken.pull ?? 0) else { return }
        let outcome = shelf.pull(taken.place, terms, from: nil, at: now)
        guard case .granted(let grant) = outcome, grant == known,
            grant.generation == taken.grant.generation,
            grant.messages.allSatisfy({ taken.grant.messages.contains($0) })
        else { return model.fault("a pull that is repeated has another answer") }
    }

    /// Somebody says something about what it has, or had.
    mutating func settle() {
        let client = random.number(in: 0...Self.clientCount - 1)
        guard !taken[client].isEmpty else { return }
        let place = random.oneIn(3) ? 0 : taken[client].count - 1
        let taken = taken[client][place]
        let settling: Settling =
            switch random.number(in: 0...9) {
            case 0...4: .ack
            case 5...7:
                .nack(delay: random.oneIn(2) ? random.number(in: 0...9_000) : nil, reason: "r")
            case 8: .extend(by: random.number(in: 0...20_000))
            default: .release
            }
        let isWhole = random.oneIn(2)
        for message in taken.grant.messages where isWhole || random.oneIn(3) {
            settle(client, taken, message.offset, settling)
        }
        if isWhole, random.oneIn(2) { self.taken[client].remove(at: place) }
    }

    mutating func settle(
        _ client: Int, _ taken: GroupTaken, _ offset: Int, _ settling: Settling
    ) {
        var generation = taken.grant.generation
        if mistake == .trustsAnyReceipt {
            let held = model.messages[taken.place, default: []][offset].last
            generation = held?.generation ?? generation
        }
        let statuses = shelf.settle(
            taken.place, OffsetRanges([offset]), of: generation, settling, at: now)
        let answer = GroupAnswer(
            client: client, place: taken.place, offset: offset,
            generation: taken.grant.generation, settling: settling,
            status: statuses.first ?? .unknown, time: now)
        model.decided(answer)
        turn.answers.append(answer)
    }

    /// A client goes while its answer is being written.
    mutating func vanish() {
        if let client = pull() { vanish(client) }
    }

    private mutating func vanish(_ client: Int) {
        let gone = taken[client].removeLast()
        model.tally.released += 1
        let out = gone.grant.messages.map(\.offset).filter { offset in
            let last = model.messages[gone.place, default: []][offset].last
            return last?.generation == gone.grant.generation && last?.isOut == true
        }
        guard mistake != .countsVanished else {
            for offset in out { model.messages[gone.place]?[offset].last?.isVanished = true }
            return
        }
        let count = shelf.release(gone.place, gone.grant.generation, at: now)
        if count != out.count { model.fault("\(count) of \(out.count) messages came back") }
        for offset in out { model.released(gone.place, offset) }
    }

    /// A client dies with all it has.
    mutating func forget() {
        taken[random.number(in: 0...Self.clientCount - 1)] = []
    }
}
