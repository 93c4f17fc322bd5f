import CLinux
import Glibc

/// What a registration wants to hear about, beside errors and hang-ups, which always come.
package struct Interest: Equatable, Sendable {
    package var input = false
    package var output = false

    package init(input: Bool, output: Bool) {
        self.input = input
        self.output = output
    }

    package static let input = Interest(input: true, output: false)
    package static let none = Interest(input: false, output: false)

    var events: UInt32 {
        (input ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0) | (output ? EPOLLOUT.rawValue : 0)
    }
}

/// What the kernel says about one registered descriptor.
package struct Readiness: Sendable {
    package let tag: UInt64
    package let isReadable: Bool
    package let isWritable: Bool
    /// Both directions are gone: nothing sent would arrive.
    package let isBroken: Bool

    init(_ event: linux_event) {
        tag = event.tag
        isReadable = event.events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0
        isWritable = event.events & EPOLLOUT.rawValue != 0
        isBroken = event.events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
    }
}

/// One level-triggered epoll set, which knows tags and not owners.
///
/// A descriptor that is closed leaves the set by itself, since nobody here duplicates descriptors.
package struct Poller: ~Copyable {
    /// The most that one turn takes on, so that a turn ends in bounded time.
    package static let eventCountMax = 256

    private let descriptor: FileDescriptor
    private var buffer = [linux_event](repeating: linux_event(), count: Poller.eventCountMax)

    package init() throws(KernelError) {
        descriptor = try FileDescriptor("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    }

    package func add(_ bell: borrowing Bell, tag: UInt64) throws(KernelError) {
        try control(EPOLL_CTL_ADD, bell.descriptor.raw, .input, tag)
    }

    package func add(_ signals: borrowing Signals, tag: UInt64) throws(KernelError) {
        try control(EPOLL_CTL_ADD, signals.descriptor.raw, .input, tag)
    }

    package func add(_ listener: borrowing Listener, tag: UInt64) throws(KernelError) {
        try control(EPOLL_CTL_ADD, listener.descriptor.raw, .input, tag)
    }

    package func change(
        _ listener: borrowing Listener, to interest: Interest, tag: UInt64
    ) throws(KernelError) {
        try control(EPOLL_CTL_MOD, listener.descriptor.raw, interest, tag)
    }

    package func add(
        _ stream: borrowing Stream, for interest: Interest, tag: UInt64
    ) throws(KernelError) {
        try control(EPOLL_CTL_ADD, stream.descriptor.raw, interest, tag)
    }

    package func change(
        _ stream: borrowing Stream, to interest: Interest, tag: UInt64
    ) throws(KernelError) {
        try control(EPOLL_CTL_MOD, stream.descriptor.raw, interest, tag)
    }

    private func control(
        _ operation: Int32, _ raw: Int32, _ interest: Interest, _ tag: UInt64
    ) throws(KernelError) {
        var event = linux_event(events: interest.events, tag: tag)
        let set = descriptor.raw
        try retrying("epoll_ctl") { unsafe linux_epoll_ctl(set, operation, raw, &event) }
    }

    /// Waits until something is ready or the time is up, and returns how much is ready.
    ///
    /// A negative time waits for ever.
    package mutating func wait(milliseconds: Int32) throws(KernelError) -> Int {
        let set = descriptor.raw
        let capacity = Int32(buffer.count)
        let count = try retrying("epoll_wait") {
            unsafe linux_epoll_wait(set, &buffer, capacity, milliseconds)
        }
        return Int(count)
    }

    /// Returns one of the `wait` results, until the next `wait`.
    package func readiness(at index: Int) -> Readiness { Readiness(buffer[index]) }
}
