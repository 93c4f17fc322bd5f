import CLinux
import Glibc

/// Room on a file system, in bytes; what is kept for root is no part of it.
package struct DiskSpace: Equatable, Sendable {
    package let total: Int
    package let free: Int

    package init(total: Int, free: Int) {
        self.total = total
        self.free = free
    }

    /// As `df` tells it.
    package var usedPercent: Int {
        total > 0 ? Int((Double(total - free) / Double(total) * 100).rounded(.up)) : 0
    }
}

/// An open directory; names in it are durable once a later `synchronise` has returned.
///
/// It and the files that it opens belong to one thread.
package struct DiskDirectory: ~Copyable {
    /// Names that a listing may have.
    package static let namesMax = 1 << 20

    let descriptor: FileDescriptor
    private let buffer = AlignedBuffer()

    package init(_ path: String) throws(KernelError) {
        descriptor = try FileDescriptor("open") { unsafe Glibc.open(path, Self.flags) }
    }

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

    /// Opens the directory `name` in this one; `..` is the one that this stands in.
    package func directory(_ name: String) throws(KernelError) -> DiskDirectory {
        let raw = descriptor.raw
        let opened = try FileDescriptor("openat") { unsafe openat(raw, name, Self.flags) }
        return DiskDirectory(opened)
    }

    /// Makes a directory; what is there already is no error.
    package func makeDirectory(_ name: String) throws(KernelError) {
        let raw = descriptor.raw
        do throws(KernelError) {
            try retrying("mkdirat") { unsafe mkdirat(raw, name, 0o700) }
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
    }

    /// Opens a file that is there, for reading and writing.
    package func open(_ name: String, _ access: DiskAccess) throws(KernelError) -> DiskFile {
        try DiskFile(try file(name, O_RDWR), access: access, buffer: buffer)
    }

    /// Opens a file that is there for reading alone, as somebody may who must not write there.
    package func openToRead(_ name: String, _ access: DiskAccess) throws(KernelError) -> DiskFile {
        try DiskFile(try file(name, O_RDONLY), access: access, buffer: buffer)
    }

    private func file(_ name: String, _ flags: Int32) throws(KernelError) -> FileDescriptor {
        precondition(!name.contains("/"), "a name is one step")
        let raw = descriptor.raw
        return try FileDescriptor("openat") {
            unsafe openat(raw, name, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
    }

    /// Gives a file another name, in place of whatever has it.
    package func rename(_ name: String, to other: String) throws(KernelError) {
        let raw = descriptor.raw
        try retrying("renameat") { unsafe renameat(raw, name, raw, other) }
    }

    package func remove(_ name: String) throws(KernelError) {
        let raw = descriptor.raw
        try retrying("unlinkat") { unsafe unlinkat(raw, name, 0) }
    }

    package func synchronise() throws(KernelError) {
        let raw = descriptor.raw
        guard fsync(raw) == 0 else { throw KernelError(call: "fsync", code: errno) }
    }

    package func space() throws(KernelError) -> DiskSpace {
        var status = statvfs()
        let raw = descriptor.raw
        try retrying("fstatvfs") { unsafe fstatvfs(raw, &status) }
        let block = Int(status.f_frsize)
        let (free, kept) = (Int(status.f_bavail), Int(status.f_bfree) - Int(status.f_bavail))
        return DiskSpace(total: (Int(status.f_blocks) - kept) * block, free: free * block)
    }

    /// The names in it, in order.
    package func names() throws(KernelError) -> [String] {
        let raw = descriptor.raw
        // The copy is the listing's own, and closed with it.
        let copy = try retrying("openat") { unsafe openat(raw, ".", Self.flags) }
        guard let listing = unsafe fdopendir(copy) else {
            let code = errno
            _ = close(copy)
            throw KernelError(call: "fdopendir", code: code)
        }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let name = unsafe try Self.next(listing) {
            if name == "." || name == ".." { continue }
            guard names.count < Self.namesMax else {
                throw KernelError(call: "readdir", code: E2BIG)
            }
            names.append(name)
        }
        return names.sorted()
    }

    private static func next(_ listing: OpaquePointer) throws(KernelError) -> String? {
        errno = 0
        guard let entry = unsafe readdir(listing) else {
            if errno != 0 { throw KernelError(call: "readdir", code: errno) }
            return nil
        }
        return unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            let size = unsafe MemoryLayout.size(ofValue: entry.pointee.d_name)
            return unsafe tuple.withMemoryRebound(to: CChar.self, capacity: size) {
                unsafe String(cString: $0)
            }
        }
    }
}

extension DiskDirectory {
    /// Makes a file of zeros, in place of one that has the name, and writes every block of it, so that
    /// later writes change data only; `rate` is in bytes a second, and 0 is as fast as it goes.
    ///
    /// The calling thread sleeps between the pieces. What could not be made whole is removed.
    package func create(
        _ name: String, size: Int, _ access: DiskAccess, rate: Int
    ) throws(KernelError) -> DiskFile {
        do throws(KernelError) { try remove(name) } catch {
            guard error.isNotFound else { throw error }
        }
        do throws(KernelError) {
            try fill(name, size: size, access, rate: rate)
            return try open(name, access)
        } catch {
            let failure = error
            do throws(KernelError) { try remove(name) } catch {
                guard error.isNotFound else { throw failure }
            }
            throw failure
        }
    }

    private func fill(
        _ name: String, size: Int, _ access: DiskAccess, rate: Int
    ) throws(KernelError) {
        let descriptor = try file(name, O_RDWR | O_CREAT | O_EXCL)
        let raw = descriptor.raw
        if size > 0 {
            try Self.allocate(raw, size: size)
            // Whoever has no fallocate still gets the size.
            try retrying("ftruncate") { ftruncate(raw, off_t(size)) }
        }
        let file = try DiskFile(descriptor, access: access, buffer: buffer)
        let zeros = [UInt8](repeating: 0, count: min(size, DiskFile.zeroingPieceSize))
        let pace = Pace(rate: rate)
        for place in stride(from: 0, to: size, by: DiskFile.zeroingPieceSize) {
            let rest = size - place
            pace.wait(before: place)
            try file.write(rest < zeros.count ? Array(zeros[..<rest]) : zeros, at: place)
        }
        try file.flushWithMetadata()
    }

    private static func allocate(_ raw: Int32, size: Int) throws(KernelError) {
        do throws(KernelError) {
            try retrying("fallocate") { fallocate(raw, 0, 0, off_t(size)) }
        } catch {
            guard error.isUnsupported else { throw error }
        }
    }
}
