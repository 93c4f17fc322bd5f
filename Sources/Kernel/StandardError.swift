import Glibc

/// Where log lines go: a write that may never block a loop.
package enum StandardError {
    /// Whether a person is looking.
    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes `bytes`, or returns false where that would block and `mayBlock` does not allow it.
    ///
    /// A pipe that polls as writable takes up to 4,096 bytes at once without blocking, whole.
    /// The descriptor is shared with other programs, so it cannot be made non-blocking itself.
    package static func write(_ bytes: ArraySlice<UInt8>, mayBlock: Bool) -> Bool {
        if bytes.isEmpty { return true }
        var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        if unsafe !mayBlock && poll(&request, 1, 0) <= 0 { return false }
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            // Nobody can be told that the place for telling is gone.
            if count <= 0 { return true }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
