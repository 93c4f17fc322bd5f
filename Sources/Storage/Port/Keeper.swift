// The thread that makes and removes files, so that no loop waits for that.

package import Kernel
import Reactor

package enum Keeper {
    /// The whole life of the keeper's thread: it does chores in the order in which they come.
    ///
    /// `tell` gets to hear what an operator should know.
    package static func run<Place: LogPlace>(
        _ place: Place, _ marks: DiskMarks, _ switchboard: Switchboard,
        tell: (KeeperNews) -> Void
    ) throws(KernelError) -> Never {
        let waiter = try Waiter(switchboard.orders.bell)
        var work = KeeperWork(place, marks)
        var nextStep: UInt64 = 0
        while true {
            try waiter.wait(milliseconds: work.isRewriting ? pause(until: nextStep) : -1)
            for order in switchboard.orders.drain() {
                let before = work.level
                if let parcel = work.perform(order) { try waiter.post(parcel, switchboard) }
                if work.level != before { try tellOthers(work.level, order, switchboard, waiter) }
            }
            let now = BootClock.nanoseconds()
            if work.isRewriting, now >= nextStep {
                nextStep = now + KeeperPace.stepPause
                if let parcel = work.goOn() { try waiter.post(parcel, switchboard) }
            }
            for news in work.takeNews() { tell(news) }
        }
    }

    /// In whole milliseconds, so that the step is due behind them.
    private static func pause(until moment: UInt64) -> Int32 {
        let now = BootClock.nanoseconds()
        return moment > now ? Int32(clamping: (moment - now) / 1_000_000 + 1) : 0
    }

    /// The disk is the same for all loops: what one of them asked for, none has to find out again.
    private static func tellOthers(
        _ level: DiskLevel, _ order: KeeperOrder, _ switchboard: Switchboard, _ waiter: Waiter
    ) throws(KernelError) {
        for loop in switchboard.parcels.indices where loop != Int(order.loop) {
            var parcel = StorageParcel(from: loop)
            parcel.disk = level
            try waiter.post(parcel, switchboard)
        }
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
