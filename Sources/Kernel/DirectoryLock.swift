import CLinux
import Glibc

/// A directory that this process alone may write, for as long as the value lives.
package struct DirectoryLock: ~Copyable {
    private let descriptor: FileDescriptor?

    package enum Failure: Error, Equatable {
        case inUse
        case kernel(KernelError)
    }

    /// Makes the directory where it is missing and takes its lock file, `lock`.
    package init(at path: String) throws(Failure) {
        do throws(KernelError) {
            descriptor = try Self.locked(path)
        } catch {
            throw error.isWouldBlock ? .inUse : .kernel(error)
        }
    }

    /// Takes the lock of a directory that is there, and makes nothing.
    ///
    /// Whoever serves a directory has made its lock file, so one without it is nobody's.
    package init(ofExisting path: String) throws(Failure) {
        do throws(KernelError) {
            descriptor = try Self.lockedExisting(path)
        } catch {
            throw error.isWouldBlock ? .inUse : .kernel(error)
        }
    }

    private static func lockedExisting(_ path: String) throws(KernelError) -> FileDescriptor? {
        let file = path + "/lock"
        do throws(KernelError) {
            let descriptor = try FileDescriptor("open") { unsafe open(file, O_RDONLY | O_CLOEXEC) }
            let raw = descriptor.raw
            try retrying("flock") { flock(raw, LOCK_EX | LOCK_NB) }
            return descriptor
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    private static func locked(_ path: String) throws(KernelError) -> FileDescriptor {
        try makeDirectory(path)
        let file = path + "/lock"
        let flags = O_RDWR | O_CREAT | O_CLOEXEC
        let descriptor = try FileDescriptor("open") { unsafe open(file, flags, 0o600) }
        let raw = descriptor.raw
        try retrying("flock") { flock(raw, LOCK_EX | LOCK_NB) }
        return descriptor
    }

    private static func makeDirectory(_ path: String) throws(KernelError) {
        // Each parent in turn; what is there already is no error.
        for (index, byte) in zip(path.utf8.indices, path.utf8) where byte == UInt8(ascii: "/") {
            let parent = String(path[..<index])
            if !parent.isEmpty { try makeOne(parent) }
        }
        try makeOne(path)
    }

    private static func makeOne(_ path: String) throws(KernelError) {
        do throws(KernelError) {
            try retrying("mkdir") { unsafe mkdir(path, 0o700) }
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
    }
}
