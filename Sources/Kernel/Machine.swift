import CLinux
import Glibc

/// What this process may use of the machine.
package enum Machine {
    /// The cores that this process may keep busy: those that it may run on, or fewer where a
    /// container's quota is worth fewer.
    package static func coreCount() -> Int {
        max(1, min(allowedCores(), CPUQuota.coreCount() ?? .max))
    }

    private static func allowedCores() -> Int {
        var mask = [UInt8](repeating: 0, count: 128)
        let size = unsafe mask.withUnsafeMutableBytes {
            unsafe sched_getaffinity(0, $0.count, $0.baseAddress)
        }
        return size < 0 ? 1 : max(1, mask.reduce(0) { $0 + $1.nonzeroBitCount })
    }

    /// Raises the limit of open descriptors as far as the system lets us, and returns it.
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(kind, &limit) == 0 else { return 1_024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        let isRaised = unsafe setrlimit(kind, &raised) == 0
        return Int(clamping: isRaised ? raised.rlim_cur : limit.rlim_cur)
    }

    package static func processID() -> Int { Int(getpid()) }

    /// Ends the process at once; nothing above it is unwound.
    package static func exit(_ code: Int32) -> Never { Glibc.exit(code) }
}
