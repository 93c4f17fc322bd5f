// What happens to groups because time passes.

import CommitLog
import Groups
import Records
import Wire

extension Shard {
    func tickGroups() {
        if isReadOnly { return }
        for place in groups.shelf.tick(at: groupTime) { ring(place) }
        for place in groups.redriving { sendLetters(of: place) }
        copyLetters()
        let late = groups.watches.passOver(at: now.boot, patience: limits.groupNewsPatience)
        for place in late { ring(place) }
        for group in groups.watches.groups where isPaced(group) {
            for place in groups.watches.places(of: group) { ring(place) }
        }
    }

    private func isPaced(_ group: UInt32) -> Bool {
        groups.shelf.settings(of: group)?.rateThousandths != nil
    }

    private func sendLetters(of place: GroupPlace) {
        groups.shelf.sendLetters(place, at: groupTime)
        // It is over once that is committed.
        if groups.shelf.redrive(of: place) == nil, !groups.isUnderWay {
            groups.redriving.remove(place)
        }
    }

    /// When `tickGroups` has something to do, by the boot-time clock.
    var nextGroupDeadline: Int? {
        if isReadOnly { return nil }
        let next = groups.shelf.nextTick
        let due = next.log.map { now.boot + max(0, $0 - time.now) }
        let letters = groups.redriving.compactMap { groups.shelf.nextLetters($0, at: groupTime) }
        let paced = groups.watches.groups.compactMap {
            groups.shelf.nextAllowance($0, at: groupTime)
        }
        let passing = groups.watches.nextPassing(patience: limits.groupNewsPatience)
        return ([next.boot, due, passing, groups.retryAt, nextCopies] + letters + paced).compactMap
        { $0 }.min()
    }
}
