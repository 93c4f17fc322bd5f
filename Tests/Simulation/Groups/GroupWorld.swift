// A group in two partitions of a shard, from one seed: producers, consumers that die, vanish, come late and
// repeat, clocks that jump, a process that dies and starts again from its last checkpoint and the journal
// behind it. Rounds are committed late, so that much happens between a decision and its commit.

import Groups
import Records

package struct GroupWorld {
    static let group: UInt32 = 7
    static let places = [UInt32(0), 1].map {
        GroupPlace(group: group, partition: PartitionID(topic: 3, partition: $0))
    }
    static let clientCount = 4

    let mistake: GroupMistake?
    var random: SeededRandom
    var now = GroupTime(log: 1_000_000, boot: 5_000)
    var shelf: GroupShelf
    var epoch: UInt32 = 1
    var settings = GroupSettings()
    let limits: GroupLimits
    /// What survives: a checkpoint, and the entries behind it.
    var checkpoint: [UInt8] = []
    var journal: [[UInt8]] = []
    var records: [GroupPlace: [RecordFacts]] = [:]
    /// Appended, and not committed yet.
    var rounds: [GroupRound] = []
    /// What the turn has made so far.
    var turn = GroupRound()
    var appended: [GroupPlace: Int] = [:]
    var taken: [[GroupTaken]]
    var pullCount: UInt64 = 0
    var model = GroupModel()
    /// Nobody publishes or dies any more, and all that is left is worked off.
    var isEnding = false

    package init(seed: UInt64, mistake: GroupMistake? = nil) {
        self.mistake = mistake
        random = SeededRandom(seed: seed)
        var limits = GroupLimits()
        if random.oneIn(3) {
            limits.inFlightMax = random.number(in: 4...20)
            limits.rangesMax = random.number(in: 2...10)
            limits.spanMax = random.number(in: 10...60)
            limits.leaseRunsMax = random.number(in: 1...5)
            limits.owedMax = random.number(in: 1...6)
        }
        self.limits = limits
        taken = Array(repeating: [], count: Self.clientCount)
        shelf = GroupShelf(GroupBook(limits), epoch: 1, at: now)
        change()
        for place in Self.places { shelf.begin(place, at: 0) }
        endTurn()
        commit()
    }

    package struct Result {
        package let violation: String?
        package let tally: GroupTally
    }

    /// Lives for so many steps, and then works off what is left.
    package mutating func run(steps: Int = 300) -> Result {
        for _ in 0..<steps where model.violation == nil { step() }
        if model.violation == nil { workOff() }
        return Result(violation: model.violation, tally: model.tally)
    }

    private mutating func step() {
        switch random.number(in: 0...99) {
        case 0...19: publish()
        case 20...44: pull()
        case 45...64: settle()
        case 65...69: passTime(random.number(in: 0...20_000))
        case 70...74: passTime(random.number(in: 0...300))
        case 75...78: vanish()
        case 79...81: forget()
        case 82 where random.oneIn(3): seek()
        case 83 where random.oneIn(2): change()
        case 84...85: startRedrive()
        case 86: if random.oneIn(2) { takeCheckpoint() }
        case 87 where random.oneIn(2): die()
        case 88: jump()
        default: commit()
        }
        tick()
        if random.oneIn(2) { endTurn() }
        if random.oneIn(4) { commit() }
    }

    private mutating func publish() {
        let place = random.pick(Self.places)
        let begin = appended[place] ?? 0
        var facts: [RecordFacts] = []
        for index in 0..<random.number(in: 1...8) {
            facts.append(
                RecordFacts(
                    offset: begin + index, size: UInt32(random.number(in: 0...2_000)),
                    key: random.oneIn(5) ? nil : UInt32(random.number(in: 0...3)),
                    expires: random.oneIn(8) ? now.log + random.number(in: 0...40_000) : .max,
                    isWanted: !random.oneIn(6)))
        }
        appended[place] = begin + facts.count
        turn.records[place, default: []] += facts
        model.tally.published += facts.count
        if mistake == .showsBeforeCommit {
            records[place, default: []] += facts
            _ = shelf.grew(place.partition, to: begin + facts.count)
        }
    }

    private mutating func passTime(_ milliseconds: Int) {
        now.boot += milliseconds
        now.log += milliseconds
    }

    /// The wall clock is set: the clock of the log jumps, or stands still for a while.
    private mutating func jump() {
        if random.oneIn(2) {
            now.log += random.number(in: 0...9_000)
        } else {
            now.boot += random.number(in: 0...9_000)
        }
    }

    private mutating func seek() {
        let place = random.pick(Self.places)
        guard !model.seeking.contains(place) else { return }
        model.seeking.insert(place)
        model.tally.seeks += 1
        shelf.seek(place, to: random.number(in: 0...records[place, default: []].count), at: now)
    }

    /// Other settings, from the next commit on.
    mutating func change() {
        model.tally.settings += 1
        settings.attemptsMax = random.number(in: 1...4)
        settings.backoff = random.pick([[], [10], [1_000, 5_000], [20_000]])
        settings.ordering = random.pick(GroupSettings.Ordering.allCases)
        settings.onDead = random.pick(GroupSettings.OnDead.allCases)
        settings.keepsExpired = random.oneIn(3)
        settings.inFlightMax = random.oneIn(3) ? random.number(in: 1...20) : nil
        settings.inFlightPerConsumerMax = random.oneIn(3) ? random.number(in: 1...10) : nil
        // The last is the one that the group works on.
        settings.deadLetterTopic = random.pick([0, 5, 5, Self.places[0].partition.topic])
        settings.rateThousandths = random.oneIn(4) ? random.number(in: 1...50) * 1_000 : nil
        if !turn.isEmpty || model.tally.settings == 1 { shelf.set(settings, of: Self.group) }
    }

    private mutating func startRedrive() {
        let redrive = Redrive(
            left: random.oneIn(2) ? random.number(in: 1...5) : nil,
            rate: random.oneIn(2) ? random.number(in: 1...20) : nil)
        shelf.startRedrive(random.pick(Self.places), redrive, at: now)
    }

    mutating func tick() {
        if mistake != .forgetsDeadlines { _ = shelf.tick(at: now) }
        for place in Self.places {
            if shelf.redrive(of: place) != nil { shelf.sendLetters(place, at: now) }
        }
        if random.oneIn(8) { makeCopies(upTo: random.number(in: 1...4)) }
    }
}
