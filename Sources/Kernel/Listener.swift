import CLinux
import Glibc

/// A listening TCP socket, one for each loop: the kernel spreads connections over them.
package struct Listener: ~Copyable {
    let descriptor: FileDescriptor
    package let address: SocketAddress

    /// The connections that wait to be accepted; beyond it the kernel lets clients try again.
    package static let backlogMax: Int32 = 4_096

    /// What the kernel takes of a connection's answers before the client makes room for it.
    ///
    /// Without it the kernel takes megabytes at once and then nothing for long: a client that reads
    /// steadily, but slowly, could not be told from one that does not read.
    package static let unsentSizeMax: Int32 = 128 << 10

    package init(on address: SocketAddress) throws(KernelError) {
        let bound = try Self.bound(to: address, isShared: true)
        let raw = bound.raw
        // A connection inherits these from its listener, which saves three calls an accept.
        try Self.set(SO_KEEPALIVE, SOL_SOCKET, to: 1, on: raw)
        try Self.set(TCP_NODELAY, Int32(IPPROTO_TCP), to: 1, on: raw)
        try Self.set(TCP_NOTSENT_LOWAT, Int32(IPPROTO_TCP), to: Self.unsentSizeMax, on: raw)
        try retrying("listen") { listen(raw, Self.backlogMax) }
        self.address = try Self.localAddress(of: raw)
        descriptor = bound
    }

    /// Throws where anybody, another Posthorn too, has the port already.
    ///
    /// Listeners that share a port would share it with a second process as well, and each of the
    /// two would get a part of the requests, without a word.
    package static func checkIsFree(_ address: SocketAddress) throws(KernelError) {
        if address.port == 0 { return }
        _ = try bound(to: address, isShared: false)
    }

    /// Takes one waiting connection, or returns nil where none waits.
    package func accept() throws(KernelError) -> Stream? {
        while true {
            var peer = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let raw = unsafe withUnsafeMutableBytes(of: &peer) { bytes in
                let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return unsafe accept4(descriptor.raw, base, &size, flags)
            }
            if raw >= 0 {
                return Stream(FileDescriptor(owning: raw), peer: SocketAddress(peer))
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EAGAIN: return nil
            default: throw KernelError(call: "accept4", code: errno)
            }
        }
    }

    private static func bound(
        to address: SocketAddress, isShared: Bool
    ) throws(KernelError) -> FileDescriptor {
        let descriptor = try FileDescriptor(socketFor: address)
        let raw = descriptor.raw
        try set(SO_REUSEADDR, SOL_SOCKET, to: 1, on: raw)
        if isShared { try set(SO_REUSEPORT, SOL_SOCKET, to: 1, on: raw) }
        try retrying("bind") { unsafe address.withSockaddr { unsafe bind(raw, $0, $1) } }
        return descriptor
    }

    private static func set(
        _ option: Int32, _ level: Int32, to value: Int32, on raw: Int32
    ) throws(KernelError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        try retrying("setsockopt") { unsafe setsockopt(raw, level, option, &value, size) }
    }

    private static func localAddress(of raw: Int32) throws(KernelError) -> SocketAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        try retrying("getsockname") {
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                guard let base = unsafe base else { return -1 }
                return unsafe getsockname(raw, base, &size)
            }
        }
        return SocketAddress(storage)
    }
}
