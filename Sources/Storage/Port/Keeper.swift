// The thread that makes and removes files, so that no loop waits for that.

package import CommitLog
package import Kernel
import Reactor

package enum Keeper {
    /// Between two tries to give a report to a loop that has no room for it.
    static let retryPause: Int32 = 10

    /// The whole life of the keeper's thread: it does chores in the order in which they come.
    ///
    /// `tell` gets to hear what an operator should know.
    package static func run<Place: LogPlace>(
        _ place: Place, _ marks: DiskMarks, _ switchboard: Switchboard,
        tell: (KeeperNews) -> Void
    ) throws(KernelError) -> Never {
        let poller = try Waiter(switchboard)
        var work = KeeperWork(place, marks)
        while true {
            try poller.wait()
            for order in switchboard.orders.drain() {
                let before = work.level
                let report = work.perform(order)
                for news in work.takeNews() { tell(news) }
                try send(report, to: Int(order.loop), switchboard, poller)
                if work.level != before { try tellOthers(work.level, order, switchboard, poller) }
            }
        }
    }

    /// The disk is the same for all loops: what one of them asked for, none has to find out again.
    private static func tellOthers(
        _ level: DiskLevel, _ order: KeeperOrder, _ switchboard: Switchboard, _ poller: Waiter
    ) throws(KernelError) {
        for loop in switchboard.parcels.indices where loop != Int(order.loop) {
            var parcel = StorageParcel(from: loop)
            parcel.disk = level
            try send(parcel, to: loop, switchboard, poller)
        }
    }

    private static func send(
        _ parcel: StorageParcel, to loop: Int, _ switchboard: Switchboard, _ poller: Waiter
    ) throws(KernelError) {
        while !switchboard.take(parcel, for: loop) { try poller.pause(retryPause) }
    }
}

/// Does chores, in directories of its own.
package struct KeeperWork<Place: LogPlace> {
    private let place: Place
    private var directories: [LogName: Place.Directory] = [:]
    private var troubles = KeeperTroubles()
    private var disk: DiskWatch
    private var news: [KeeperNews] = []

    package init(_ place: Place, _ marks: DiskMarks) {
        self.place = place
        disk = DiskWatch(marks)
    }

    var level: DiskLevel { disk.level }

    /// What an operator should hear, since the last call.
    package mutating func takeNews() -> [KeeperNews] {
        defer { news = [] }
        return news
    }

    package mutating func perform(_ chore: Chore, of log: LogName) -> ChoreReport {
        let report = attempt(chore, of: log)
        if let told = troubles.note(chore.kind, of: log, report.error) { news.append(told) }
        return report
    }

    private mutating func attempt(_ chore: Chore, of log: LogName) -> ChoreReport {
        do throws(LogError) {
            return try directory(of: log).perform(chore)
        } catch {
            return ChoreReport(id: chore.id, error: error)
        }
    }

    /// Does what a loop ordered, and returns the report for it.
    package mutating func perform(_ order: KeeperOrder) -> StorageParcel {
        var parcel = StorageParcel(from: Int(order.loop))
        if case .chore(let chore, let log) = order.task {
            parcel.reports = [(log, perform(chore, of: log))]
        }
        parcel.disk = look()
        return parcel
    }

    /// Looks how full the disk is; where that cannot be known, it stays as it was.
    private mutating func look() -> DiskLevel {
        do throws(LogError) {
            let space = try place.space()
            if disk.note(space) {
                news.append(.disk(disk.level, usedPercent: space.usedPercent))
            }
        } catch {
            return disk.level
        }
        return disk.level
    }

    private mutating func directory(of log: LogName) throws(LogError) -> Place.Directory {
        if let directory = directories[log] { return directory }
        let directory = try place.backgroundDirectory(of: log)
        directories[log] = directory
        return directory
    }
}

/// Sleeps until somebody rings.
private final class Waiter {
    private var poller: Poller
    private var silence: Poller

    init(_ switchboard: Switchboard) throws(KernelError) {
        let poller = try Poller()
        try poller.add(switchboard.orders.bell, tag: 0)
        self.poller = poller
        silence = try Poller()
    }

    func wait() throws(KernelError) { _ = try poller.wait(milliseconds: -1) }

    func pause(_ milliseconds: Int32) throws(KernelError) {
        _ = try silence.wait(milliseconds: milliseconds)
    }
}

extension Switchboard {
    /// Posts a parcel to a loop, if it has room.
    package func take(_ parcel: StorageParcel, for loop: Int) -> Bool {
        do throws(MailboxError) {
            try parcels[loop].post(parcel)
            return true
        } catch {
            return false
        }
    }

    /// Posts a chore to the keeper, if it has room.
    func take(_ order: KeeperOrder) -> Bool {
        do throws(MailboxError) {
            try orders.post(order)
            return true
        } catch {
            return false
        }
    }
}
