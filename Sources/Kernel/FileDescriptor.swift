import Glibc

/// An open descriptor with one owner, closed exactly once, when that owner goes away.
package struct FileDescriptor: ~Copyable, Sendable {
    let raw: Int32

    init(_ call: StaticString, open: () -> Int32) throws(KernelError) {
        raw = try retrying(call, open)
    }

    /// Takes over a descriptor that a call has just returned.
    init(owning raw: Int32) {
        precondition(raw >= 0, "a failed call has no descriptor")
        self.raw = raw
    }

    /// Opens a non-blocking TCP socket of the address' family.
    init(socketFor address: SocketAddress) throws(KernelError) {
        let family = address.address.isV4 ? AF_INET : AF_INET6
        let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        raw = try retrying("socket") { socket(family, Int32(SOCK_STREAM.rawValue) | flags, 0) }
    }

    deinit { _ = close(raw) }
}

/// Runs `body` until no signal interrupts it, and turns -1 into a typed error.
@discardableResult
func retrying(_ call: StaticString, _ body: () -> Int32) throws(KernelError) -> Int32 {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code == EINTR { continue }
        // Our own bookkeeping is wrong. Going on would use somebody else's file.
        precondition(code != EBADF && code != EFAULT, "\(call) failed with errno \(code)")
        throw KernelError(call: call, code: code)
    }
}
