import CommitLog
import Records
import Storage
import Wire

// What producers, consumers and an operator do.
extension GroupShardWorld {
    func pass(_ milliseconds: Int) {
        bench.now.wall += milliseconds
        bench.now.boot += milliseconds
    }

    func tick() {
        if mistake != .forgetsTime { bench.shard.tick(at: bench.now) }
    }

    func publish() {
        let partition = random.pick(Self.partitions)
        let batch = (0..<random.number(in: 1...4)).map { _ in message() }
        let keys = batch.map { $0.key.map { "k\($0)" } }
        let ticket = bench.publish([
            (partition, ShardBench.batch(keys: keys, bodies: batch.map(\.body)))
        ])
        openPublishes.append((ticket, partition, batch))
    }

    func message() -> Message {
        number += 1
        let key = random.oneIn(3) ? nil : random.number(in: 0...2)
        let size = random.oneIn(4) ? random.number(in: 0...2_000) : 10
        let filler = [UInt8](repeating: UInt8(number & 0xFF), count: size)
        return Message(body: Array("\(number) ".utf8) + filler, key: key)
    }

    func pull() {
        pulls += 1
        let settles = random.oneIn(3) ? decide() : []
        let ticket = bench.pull(
            ShardBench.pull(
                random.oneIn(2) ? Self.partitions : Self.partitions.reversed(),
                messagesMax: random.number(in: 1...12), by: "c\(random.number(in: 0...3))",
                lease: random.number(in: 1_000...8_000), id: random.oneIn(3) ? pulls : nil,
                settles: settles.map(\.item)))
        openPulls.insert(ticket)
        if !settles.isEmpty { openSettles[ticket] = settles }
    }

    func watch() {
        guard watches.count < 5 else { return }
        watches.insert(bench.watch(Self.partitions, waited: random.number(in: 0...2_000)))
    }

    func settle() {
        let settles = decide()
        if settles.isEmpty { return }
        openSettles[bench.call(.group(.settle(GroupSettle(settles.map(\.item)))))] = settles
    }

    /// Letters go back to where they came from, and may be given out again.
    func redrive() {
        guard !isOrdered else { return }
        tally.redrives += 1
        bench.call(
            .group(
                .redrive(
                    GroupRedrive(
                        group: ShardBench.group, partitions: Self.partitions,
                        max: random.oneIn(2) ? random.number(in: 1...5) : nil,
                        rate: random.oneIn(2) ? random.number(in: 1...50) : nil))))
    }

    /// What a client says of some of what it has, or had.
    private func decide() -> [OpenSettle] {
        guard !taken.isEmpty else { return [] }
        let index = random.number(in: 0...taken.count - 1)
        let took = random.oneIn(3) ? taken[index] : taken.remove(at: index)
        let offsets = took.lease.offsets.filter { _ in !random.oneIn(4) }
        guard !offsets.isEmpty else { return [] }
        let kind: GroupSettle.Kind
        switch random.number(in: 0...9) {
        case 0: kind = .nack(delay: random.oneIn(2) ? 500 : nil, reason: "no")
        case 1: kind = .extend(by: 3_000)
        case 2: kind = .release
        default: kind = .ack
        }
        return [decide(took, offsets, kind)]
    }

    func decide(
        _ took: Taken, _ offsets: [Int], _ kind: GroupSettle.Kind
    ) -> OpenSettle {
        let item = took.lease.item(offsets, kind)
        let partition = took.lease.partition
        var isInTime = took.term == term && !isSeeking
        for offset in offsets {
            if kind == .ack { messages[partition]?[offset].mayBeAcked = true }
            guard let held = messages[partition]?[offset].lease else {
                isInTime = false
                continue
            }
            if held.generation != took.lease.generation || held.until <= bench.now.boot {
                isInTime = false
            }
            if kind == .ack, mistake == .trustsBeforeAnswer {
                messages[partition]?[offset].isAcked = true
            }
            if case .extend = kind { continue }
            if held.generation == took.lease.generation {
                messages[partition]?[offset].lease = nil
            }
        }
        return OpenSettle(item: item, isInTime: isInTime, term: took.term, at: bench.now.boot)
    }

    func seek() {
        tally.seeks += 1
        isSeeking = true
        let parts = Self.partitions.map { GroupSeek.Part($0, to: .earliest) }
        seeks.insert(bench.call(.group(.seek(GroupSeek(group: ShardBench.group, parts: parts)))))
        forgetAll()
    }

    /// A seek: anything may come again, and what is out is over.
    func forgetAll() {
        for partition in Self.partitions {
            for offset in messages[partition, default: []].indices {
                messages[partition]?[offset].isAcked = false
                messages[partition]?[offset].mayBeAcked = true
                messages[partition]?[offset].lease = nil
            }
        }
    }
}
