package import Bytes
package import Kernel

/// What one turn of a loop has to take on.
package enum Event: Sendable {
    /// Something about the registration that was made under this id.
    case ready(SlabID, Readiness)
    case deadline(SlabID)
    /// Connections wait to be accepted.
    case arrivals
    case mail
    /// The bell of the second mailbox.
    case parcels
}

/// One thread's view of the world, which reports and never calls back.
///
/// It sleeps in the kernel until something is ready or the first timer is due. With no timer set it
/// sleeps for ever: an idle loop uses no CPU.
package struct Loop: ~Copyable {
    private static let bellTag: UInt64 = 0
    private static let listenerTag: UInt64 = 1
    private static let parcelsTag: UInt64 = 2

    package private(set) var poller: Poller
    package var timers: TimerWheel<SlabID>
    private var expired: [SlabID] = []
    /// The boot-time clock as the turn began.
    package private(set) var nanoseconds: UInt64
    private var turnEnd: UInt64

    package var now: Tick { nanoseconds / 1_000_000 }

    package init() throws(KernelError) {
        poller = try Poller()
        nanoseconds = BootClock.nanoseconds()
        turnEnd = nanoseconds
        timers = TimerWheel(now: nanoseconds / 1_000_000)
    }

    package func register<Message>(_ mailbox: Mailbox<Message>) throws(KernelError) {
        try poller.add(mailbox.bell, tag: Self.bellTag)
    }

    /// Registers a second mailbox, which is heard of as `parcels`.
    package func register<Message>(parcels mailbox: Mailbox<Message>) throws(KernelError) {
        try poller.add(mailbox.bell, tag: Self.parcelsTag)
    }

    package func register(_ listener: borrowing Listener) throws(KernelError) {
        try poller.add(listener, tag: Self.listenerTag)
    }

    /// Stops or resumes hearing of arrivals; those that come meanwhile wait in the kernel.
    package func hear(_ listener: borrowing Listener, arrivals: Bool) throws(KernelError) {
        try poller.change(listener, to: arrivals ? .input : .none, tag: Self.listenerTag)
    }

    /// Waits for the next turn's events; `isBusy` makes the wait a mere look.
    package mutating func wait(into events: inout [Event], isBusy: Bool) throws(KernelError) {
        events.removeAll(keepingCapacity: true)
        let count = try poller.wait(milliseconds: isBusy ? 0 : untilNextTimer())
        nanoseconds = BootClock.nanoseconds()
        for index in 0..<count { events.append(event(poller.readiness(at: index))) }
        guard timers.count > 0 else { return }
        timers.advance(to: now, into: &expired)
        for owner in expired { events.append(.deadline(owner)) }
        expired.removeAll(keepingCapacity: true)
    }

    private func event(_ readiness: Readiness) -> Event {
        switch readiness.tag {
        case Self.bellTag: .mail
        case Self.listenerTag: .arrivals
        case Self.parcelsTag: .parcels
        default: .ready(SlabID(raw: readiness.tag), readiness)
        }
    }

    /// Counts from the end of the last turn, so that a long turn does not lengthen the sleep.
    private func untilNextTimer() -> Int32 {
        guard let due = timers.nextDue else { return -1 }
        let current = turnEnd / 1_000_000
        return due <= current ? 0 : Int32(clamping: due - current)
    }

    /// Notes the end of a turn, and returns how long it took.
    package mutating func endTurn() -> UInt64 {
        turnEnd = BootClock.nanoseconds()
        return turnEnd - nanoseconds
    }
}
