import CLinux
import Glibc

/// The signals that a person or an orchestrator sends to a service.
package enum Signal: Sendable {
    case hangup, interrupt, terminate

    init?(number: UInt32) {
        switch Int32(number) {
        case SIGHUP: self = .hangup
        case SIGINT: self = .interrupt
        case SIGTERM: self = .terminate
        default: return nil
        }
    }
}

/// Signals as something to poll: nothing runs in a signal handler.
package struct Signals: ~Copyable {
    let descriptor: FileDescriptor

    /// Blocks the signals in this thread and all that it starts later, so call it before any.
    package init() throws(KernelError) {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for number in [SIGHUP, SIGINT, SIGTERM] { _ = unsafe sigaddset(&set, number) }
        let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        precondition(code == 0, "pthread_sigmask failed with \(code)")
        // A peer that is gone is told by the write itself.
        _ = signal(SIGPIPE, SIG_IGN)
        descriptor = try FileDescriptor("signalfd") {
            unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        }
    }

    /// Takes the next signal that has come, or returns nil where none has.
    package func next() -> Signal? {
        var info = signalfd_siginfo()
        while true {
            let size = MemoryLayout<signalfd_siginfo>.size
            guard unsafe read(descriptor.raw, &info, size) == size else { return nil }
            if let signal = Signal(number: info.ssi_signo) { return signal }
        }
    }
}
