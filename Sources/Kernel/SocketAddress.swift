import CLinux
import Glibc

/// A numeric IP address, without a port.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address in network order; an IPv4 address stands IPv4-mapped in it.
    let high: UInt64
    let low: UInt64
    let isV4: Bool

    init(v4 address: in_addr_t) {
        high = 0
        low = 0xffff_0000_0000 | UInt64(UInt32(bigEndian: address))
        isV4 = true
    }

    init(v6 address: in6_addr) {
        let parts = unsafe address.__in6_u.__u6_addr32
        high = UInt64(UInt32(bigEndian: parts.0)) << 32 | UInt64(UInt32(bigEndian: parts.1))
        low = UInt64(UInt32(bigEndian: parts.2)) << 32 | UInt64(UInt32(bigEndian: parts.3))
        isV4 = false
    }

    var v6Bytes: in6_addr {
        var address = in6_addr()
        unsafe address.__in6_u.__u6_addr32 = (
            UInt32(truncatingIfNeeded: high >> 32).bigEndian,
            UInt32(truncatingIfNeeded: high).bigEndian,
            UInt32(truncatingIfNeeded: low >> 32).bigEndian,
            UInt32(truncatingIfNeeded: low).bigEndian
        )
        return address
    }

    var v4Bytes: in_addr_t { UInt32(truncatingIfNeeded: low).bigEndian }

    package var isLoopback: Bool {
        isV4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isV4 {
            var address = in_addr(s_addr: v4Bytes)
            _ = unsafe inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        } else {
            var address = v6Bytes
            _ = unsafe inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        }
        let end = text.firstIndex(of: 0) ?? text.count
        return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// An IP address and a port, written `127.0.0.1:8080` or `[::1]:8080`.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Returns nil where `host` is neither a numeric address nor `localhost`.
    package init?(host: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        let numeric = host == "localhost" ? "127.0.0.1" : host
        if unsafe inet_pton(AF_INET, numeric, &v4) == 1 {
            address = IPAddress(v4: v4.s_addr)
        } else if unsafe inet_pton(AF_INET6, numeric, &v6) == 1 {
            address = IPAddress(v6: v6)
        } else {
            return nil
        }
        self.port = port
    }

    package var description: String {
        address.isV4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    init(_ storage: sockaddr_storage) {
        var copy = storage
        if storage.ss_family == sa_family_t(AF_INET6) {
            self = unsafe withUnsafeBytes(of: &copy) {
                let v6 = unsafe $0.loadUnaligned(as: sockaddr_in6.self)
                return SocketAddress(
                    address: IPAddress(v6: v6.sin6_addr), port: UInt16(bigEndian: v6.sin6_port))
            }
        } else {
            self = unsafe withUnsafeBytes(of: &copy) {
                let v4 = unsafe $0.loadUnaligned(as: sockaddr_in.self)
                return SocketAddress(
                    address: IPAddress(v4: v4.sin_addr.s_addr), port: UInt16(bigEndian: v4.sin_port)
                )
            }
        }
    }

    /// Calls `body` with this address as the kernel wants it.
    func withSockaddr(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        if address.isV4 {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            v4.sin_addr = in_addr(s_addr: address.v4Bytes)
            return unsafe withUnsafeBytes(of: &v4) {
                let base = unsafe $0.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                guard let base = unsafe base else { return -1 }
                return unsafe body(base, socklen_t($0.count))
            }
        }
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = port.bigEndian
        v6.sin6_addr = address.v6Bytes
        return unsafe withUnsafeBytes(of: &v6) {
            let base = unsafe $0.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard let base = unsafe base else { return -1 }
            return unsafe body(base, socklen_t($0.count))
        }
    }
}
