import CLinux
import Glibc

/// Names of machines to addresses, as the system has them: the hosts file, then DNS.
package enum Resolver {
    /// Why a name has no address, in the system's own words.
    package struct Failure: Error, Equatable, Sendable {
        package let reason: String
    }

    /// Returns the addresses of `host`, the likeliest first.
    ///
    /// For a name this takes as long as DNS does and cannot be told otherwise, so never call it
    /// from a loop.
    package static func addresses(
        of host: String, port: UInt16
    ) throws(Failure) -> [SocketAddress] {
        // A host without a hosts file has a loopback too.
        let known = host == "localhost" ? ["127.0.0.1", "::1"] : [host]
        let numeric = known.compactMap { SocketAddress(host: $0, port: port) }
        return numeric.isEmpty ? try lookUp(host, port: port) : numeric
    }

    private static func lookUp(_ host: String, port: UInt16) throws(Failure) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &first)
        guard code == 0 else { throw Failure(reason: reason(code)) }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let found = unsafe address(in: entry.pointee) {
                addresses.append(SocketAddress(address: found.address, port: port))
            }
            unsafe next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw Failure(reason: "it has no address") }
        return addresses
    }

    private static func address(in entry: addrinfo) -> SocketAddress? {
        guard let bytes = unsafe entry.ai_addr else { return nil }
        let family = unsafe entry.ai_family
        guard family == AF_INET || family == AF_INET6 else { return nil }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) {
            let size = unsafe min($0.count, Int(entry.ai_addrlen))
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: size))
        }
        return SocketAddress(storage)
    }

    private static func reason(_ code: Int32) -> String {
        if code == EAI_SYSTEM { return KernelError(call: "getaddrinfo", code: errno).reason }
        guard let text = unsafe gai_strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
