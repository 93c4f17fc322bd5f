import Glibc

/// What a read brought.
package enum ReadResult: Equatable, Sendable {
    case bytes(Int)
    case wouldBlock
    /// The other side will send no more.
    case ended
    case broken
}

/// What a write took.
package enum WriteResult: Equatable, Sendable {
    case bytes(Int)
    case wouldBlock
    case broken
}

/// One non-blocking TCP connection.
package struct Stream: ~Copyable {
    let descriptor: FileDescriptor
    package let peer: SocketAddress

    init(_ descriptor: consuming FileDescriptor, peer: SocketAddress) {
        self.descriptor = descriptor
        self.peer = peer
    }

    /// Opens a connection, waiting at most `milliseconds`; later reads and writes do not block.
    package init(connectingTo peer: SocketAddress, milliseconds: Int32) throws(KernelError) {
        let descriptor = try FileDescriptor(socketFor: peer)
        try Self.connect(descriptor.raw, to: peer, milliseconds: milliseconds)
        self.descriptor = descriptor
        self.peer = peer
    }

    private static func connect(
        _ raw: Int32, to peer: SocketAddress, milliseconds: Int32
    ) throws(KernelError) {
        if unsafe peer.withSockaddr({ unsafe Glibc.connect(raw, $0, $1) }) == 0 { return }
        guard errno == EINPROGRESS || errno == EINTR else {
            throw KernelError(call: "connect", code: errno)
        }
        guard try waits(raw, for: POLLOUT, milliseconds: milliseconds) else {
            throw KernelError(call: "connect", code: ETIMEDOUT)
        }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        try retrying("getsockopt") { unsafe getsockopt(raw, SOL_SOCKET, SO_ERROR, &code, &size) }
        if code != 0 { throw KernelError(call: "connect", code: code) }
    }

    /// Reads what is there into the front of `buffer`.
    package func receive(into buffer: inout [UInt8]) -> ReadResult {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor.raw, $0.baseAddress, $0.count, 0)
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .broken
            }
        }
    }

    /// Writes as much of `bytes` from `start` on as the kernel takes now.
    package func send(_ bytes: [UInt8], from start: Int) -> WriteResult {
        precondition(start < bytes.count, "nothing to send")
        while true {
            let count = unsafe bytes.withUnsafeBytes {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: $0[start...])
                return unsafe Glibc.send(
                    descriptor.raw, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .broken
            }
        }
    }

    /// Says that nothing more will be sent; what the other side sends can still be read.
    package func finishSending() { _ = shutdown(descriptor.raw, Int32(SHUT_WR)) }

    /// Waits until there is something to read, for callers without a loop: the command line.
    package func waitsForInput(milliseconds: Int32) throws(KernelError) -> Bool {
        try Self.waits(descriptor.raw, for: POLLIN, milliseconds: milliseconds)
    }

    /// Waits until more can be sent, for the same callers.
    package func waitsForOutput(milliseconds: Int32) throws(KernelError) -> Bool {
        try Self.waits(descriptor.raw, for: POLLOUT, milliseconds: milliseconds)
    }

    private static func waits(
        _ raw: Int32, for events: Int32, milliseconds: Int32
    ) throws(KernelError) -> Bool {
        var request = pollfd(fd: raw, events: Int16(events), revents: 0)
        return try retrying("poll") { unsafe poll(&request, 1, milliseconds) } > 0
    }
}
