// Who waits for messages of groups is told once a pull would get something.

import CommitLog
import Groups
import Records
import Wire

extension Shard {
    /// Notes who waits, and then looks whether there is something already: so no news falls between.
    func take(_ watch: GroupWatch, _ ticket: UInt64, _ caller: Caller) throws(GroupTrouble) {
        let places = try places(watch.group, watch.partitions)
        guard groups.watches.count + max(places.count, 1) <= limits.watchCountMax else {
            throw .shard(.overloaded)
        }
        groups.shelf.use(watch.group, at: groupTime)
        let key = WatchList.Key(caller: caller, ticket: ticket)
        groups.watches.add(
            GroupWatches.Waiter(
                key: key, group: watch.group, partitions: watch.partitions,
                consumer: watch.consumer, since: now.boot - max(watch.waited, 0)))
        for place in places where groups.watches.isWaiting(key) { ring(place) }
    }

    /// Tells as many of those who wait for a place as there are messages, but for those who were told of
    /// them already.
    func ring(_ place: GroupPlace) {
        guard groups.watches.isAwaited(place) else { return }
        groups.shelf.grew(place, to: state.partitions[place.partition]?.end ?? 0)
        var known: [String: Int] = [:]
        var passed = 0
        while let waiter = groups.watches.waiter(place, behind: passed) {
            let told = groups.watches.told(place)
            let count =
                known[waiter.consumer]
                ?? groups.shelf.available(place, for: waiter.consumer, at: groupTime)
            known[waiter.consumer] = count
            guard count > told else {
                // Where consumers have bounds of their own, another one may have room.
                guard groups.shelf.settings(of: place.group)?.inFlightPerConsumerMax != nil
                else { return }
                passed += 1
                continue
            }
            endWatch(waiter.key)
            groups.watches.tell(place, at: now.boot)
            answer(waiter.key.caller, waiter.key.ticket, .group(.news))
        }
    }

    /// Until here somebody has waited.
    func endWatch(_ key: WatchList.Key) {
        guard let group = groups.watches.remove(key) else { return }
        groups.shelf.use(group, at: groupTime)
    }

    /// What came back may be handed out at once, and leaves room for messages of all partitions.
    func ringAfterReturn(to place: GroupPlace) {
        ring(place)
        let settings = groups.shelf.settings(of: place.group)
        guard settings?.inFlightMax != nil || settings?.inFlightPerConsumerMax != nil else {
            return
        }
        for other in groups.watches.places(of: place.group) where other != place { ring(other) }
    }
}
