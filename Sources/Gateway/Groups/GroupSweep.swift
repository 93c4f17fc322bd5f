// Groups that end by themselves. A group with a lifetime is over when nobody has used it for so long and
// nothing of it is out, in any shard: so its shards are asked, and if all of them say so, the coordinator
// deletes it, for everybody. Any number of loops and gateways may do so at once; each asks at times of its
// own, and what the coordinator deletes is only what was looked at.

package import Bytes
import Reactor
package import Wire

/// The side of a gateway loop that ends groups that nobody uses any more.
package struct GroupSweep {
    /// Calls to storage at once; groups beyond them are looked at a little later.
    package static let callsMax = 256
    /// The shortest and the longest time between two looks at a group that is out or not known.
    package static let pauseMin: UInt64 = 250
    package static let pauseMax: UInt64 = 60_000
    /// How long storage has to answer.
    package static let timeout: UInt64 = 10_000

    private struct Kept {
        let definition: GroupDefinition
        let lifetime: Int
        /// When this loop heard of it, or of its last change.
        let since: UInt64
        /// The next look, or the end of the patience with the present one.
        var timer: TimerID
        var look: GroupLook?
        /// Calls that are under way.
        var calls: [SlabID] = []
    }

    private var kept: [UInt32: Kept] = [:]
    private var timers: TimerWheel<UInt32>
    private var pending = Slab<UInt32>()
    private var spread: Spread
    private var calls: [DeskCall] = []

    package init(seed: UInt64, at tick: UInt64) {
        timers = TimerWheel(now: tick)
        spread = Spread(seed: seed)
    }

    var hasCalls: Bool { !calls.isEmpty }

    /// When `expire` has to be called at the latest; nothing while no group has a lifetime.
    package var nextDeadline: UInt64? { timers.nextDue }

    package mutating func takeCalls() -> [DeskCall] {
        calls.takeAll()
    }

    /// Hears of a change of groups; a change counts as a use.
    package mutating func hear(_ news: GroupNews, at now: UInt64) {
        switch news {
        case .deleted(let id, _): forget(id)
        case .put(let group):
            if kept[group.id]?.definition == group { return }
            forget(group.id)
            guard let lifetime = group.options.lifetime else { return }
            // Shards may know that nobody has used it for long.
            let first = min(UInt64(max(lifetime, 0)), Self.pauseMax)
            kept[group.id] = Kept(
                definition: group, lifetime: lifetime, since: now,
                timer: timers.insert(group.id, at: date(after: first, at: now)))
        }
    }

    private mutating func forget(_ id: UInt32) {
        guard let group = kept.removeValue(forKey: id) else { return }
        timers.cancel(group.timer)
        for call in group.calls { _ = pending.remove(call) }
    }

    /// So long from now, and a little longer: those who heard of a group together ask one after another.
    private mutating func date(after pause: UInt64, at now: UInt64) -> UInt64 {
        let pause = max(pause, Self.pauseMin)
        return now + pause + spread.next(below: min(pause / 8, Self.timeout) + 1)
    }

    private mutating func schedule(_ id: UInt32, at due: UInt64) {
        guard let group = kept[id] else { return }
        timers.cancel(group.timer)
        kept[id]?.timer = timers.insert(id, at: due)
    }
}

// MARK: Looking

extension GroupSweep {
    /// Looks at those whose time has come; `isPulled` tells whether somebody pulls from a group right here.
    package mutating func expire(
        in topics: borrowing TopicMap, at now: UInt64, isPulled: (String) -> Bool
    ) {
        var due: [UInt32] = []
        timers.advance(to: now, into: &due)
        for id in due { expire(id, in: topics, at: now, isPulled) }
    }

    private mutating func expire(
        _ id: UInt32, in topics: borrowing TopicMap, at now: UInt64, _ isPulled: (String) -> Bool
    ) {
        guard let group = kept[id] else { return }
        for call in group.calls { _ = pending.remove(call) }
        kept[id]?.calls = []
        kept[id]?.look = nil
        let shards = Self.shards(of: group.definition, in: topics)
        let hasRoom = pending.isEmpty || pending.count + shards.count <= Self.callsMax
        guard group.calls.isEmpty, hasRoom else {
            return schedule(id, at: date(after: Self.pauseMin, at: now))
        }
        guard !shards.isEmpty else {
            // It works on nothing, so nobody has pulled from it since it was made.
            return conclude(id, GroupLook(idle: Int(now - group.since)), at: now, isPulled)
        }
        kept[id]?.look = GroupLook()
        for shard in shards { send(id, .shard(shard, .group(.usage(group: id)))) }
        schedule(id, at: now + Self.timeout)
    }

    private static func shards(
        of group: GroupDefinition, in topics: borrowing TopicMap
    ) -> [UInt16] {
        var shards: Set<UInt16> = []
        for attachment in group.attachments {
            // A topic that is not found is gone, and with it what the group had there.
            shards.formUnion(topics.find(id: attachment.topic)?.topic.shards ?? [])
        }
        return shards.sorted()
    }

    private mutating func send(_ id: UInt32, _ content: StorageCall.Content) {
        let call = pending.insert(id)
        kept[id]?.calls.append(call)
        calls.append(DeskCall(call, content))
    }

    /// Takes what a shard says to a call of this desk; a late answer finds nobody.
    package mutating func take(
        _ call: SlabID, _ answer: ShardAnswer, at now: UInt64, isPulled: (String) -> Bool
    ) {
        guard let id = pending.remove(call) else { return }
        kept[id]?.calls.removeAll { $0 == call }
        if case .group(.usage(let usage)) = answer {
            kept[id]?.look?.take(usage)
        } else {
            kept[id]?.look?.take(nil)
        }
        guard let group = kept[id], group.calls.isEmpty, let look = group.look else { return }
        conclude(id, look, at: now, isPulled)
    }

    private mutating func conclude(
        _ id: UInt32, _ look: GroupLook, at now: UInt64, _ isPulled: (String) -> Bool
    ) {
        guard let group = kept[id] else { return }
        kept[id]?.look = nil
        switch look.verdict(lifetime: group.lifetime) {
        case .end where isPulled(group.definition.name):
            schedule(id, at: date(after: UInt64(group.lifetime), at: now))
        case .end:
            send(id, .coordinator(.group(.retire(group.definition))))
            schedule(id, at: now + Self.timeout)
        case .lookAgain(let pause): schedule(id, at: date(after: pause, at: now))
        }
    }

    /// Takes what the coordinator says to a call of this desk.
    package mutating func take(_ call: SlabID, _ answer: CoordinatorAnswer, at now: UInt64) {
        guard let id = pending.remove(call) else { return }
        kept[id]?.calls = []
        switch answer {
        case .group(.deleted), .refused(.noSuchGroup): forget(id)
        // It has changed, of which there is news, or it could not be deleted yet.
        default: schedule(id, at: date(after: Self.pauseMax, at: now))
        }
    }
}
