import Kernel

/// How a thread beside the loops sleeps until somebody rings, and gives loops what it has for them.
final class Waiter {
    /// Between two tries to give something to a loop that has no room for it.
    private static let retryPause: Int32 = 10

    private var poller: Poller
    private var silence: Poller

    init(_ bell: borrowing Bell) throws(KernelError) {
        let poller = try Poller()
        try poller.add(bell, tag: 0)
        self.poller = poller
        silence = try Poller()
    }

    func wait(milliseconds: Int32) throws(KernelError) {
        _ = try poller.wait(milliseconds: milliseconds)
    }

    /// Gives a parcel to the loop that it is from.
    func post(_ parcel: StorageParcel, _ switchboard: Switchboard) throws(KernelError) {
        while !switchboard.take(parcel, for: Int(parcel.from)) {
            _ = try silence.wait(milliseconds: Self.retryPause)
        }
    }
}
