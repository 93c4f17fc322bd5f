import Glibc

/// A Linux call that failed for a reason outside our control.
package struct KernelError: Error, Equatable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(call: StaticString, code: Int32) {
        self.call = call.description
        self.code = code
    }

    /// What a person reads: the call and the system's own words for the code.
    package var description: String { "\(call): \(reason)" }

    package var reason: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    package var isAddressInUse: Bool { code == EADDRINUSE }
    package var isAddressElsewhere: Bool { code == EADDRNOTAVAIL }
    package var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }
    package var isNotDirectory: Bool { code == ENOTDIR }
    package var isNotFound: Bool { code == ENOENT }
    package var isAlreadyThere: Bool { code == EEXIST }
    package var isUnsupported: Bool { code == EOPNOTSUPP || code == ENOSYS }
    package var isWouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }

    /// Whether the file system, or our share of it, is full.
    package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// Whether the process or the machine ran out of something that comes back.
    package var isExhausted: Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}
