import CLinux
import Glibc

/// How a file's bytes are read and written.
package enum DiskAccess: Sendable {
    /// Past the page cache, so that a read shows what the disk has: for what is written and flushed,
    /// and for a start, where memory may show what a failed flush never brought to the disk.
    ///
    /// Ranges are whole blocks of 4,096 bytes when they are written. Where the file system refuses
    /// direct access, or wants larger blocks, the page cache serves, and is emptied at `open`.
    case direct
    /// Through the page cache: for reading again what others have read lately, and for small files.
    case cached
}

/// A regular file of a fixed size.
package struct DiskFile: ~Copyable {
    /// Bytes of a file that is made are written, and paced, in pieces of this size.
    package static let zeroingPieceSize = 1 << 20
    package static let blockSize = AlignedBuffer.alignment

    package let size: Int
    package let access: DiskAccess
    /// Whether the file system took direct access.
    package let isDirect: Bool
    let descriptor: FileDescriptor
    let buffer: AlignedBuffer

    /// Takes over a descriptor that is open for reading, and for writing where somebody will.
    init(
        _ descriptor: consuming FileDescriptor, access: DiskAccess, buffer: AlignedBuffer
    ) throws(KernelError) {
        let size = try Self.size(of: descriptor.raw)
        let isDirect = access == .direct ? try Self.goesDirect(descriptor.raw) : false
        if access == .direct, !isDirect {
            // Advice: what is flushed leaves the cache, and the next read is the disk's.
            _ = posix_fadvise(descriptor.raw, 0, 0, POSIX_FADV_DONTNEED)
        }
        self.size = size
        self.access = access
        self.isDirect = isDirect
        self.buffer = buffer
        self.descriptor = descriptor
    }

    private static func size(of raw: Int32) throws(KernelError) -> Int {
        var status = stat()
        try retrying("fstat") { unsafe fstat(raw, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KernelError(call: "open", code: EINVAL)
        }
        return Int(status.st_size)
    }

    private static func goesDirect(_ raw: Int32) throws(KernelError) -> Bool {
        var status = linux_statx()
        let told = unsafe statx(
            raw, "", Int32(linux_at_empty_path), UInt32(linux_statx_direct), &status)
        if told == 0, status.mask & UInt32(linux_statx_direct) != 0 {
            guard isEnough(status.direct_memory_alignment),
                isEnough(status.direct_place_alignment)
            else { return false }
        }
        do throws(KernelError) {
            let flags = try retrying("fcntl") { fcntl(raw, F_GETFL, 0) }
            let direct = Int32(linux_o_direct)
            try retrying("fcntl") { fcntl(raw, F_SETFL, flags | direct) }
            return true
        } catch {
            // What a file system says that knows only the page cache.
            guard error.code == EINVAL else { throw error }
            return false
        }
    }

    private static func isEnough(_ alignment: UInt32) -> Bool {
        alignment > 0 && blockSize % Int(alignment) == 0
    }
}

extension DiskFile {
    /// Returns exactly the bytes of `range`, which lies inside the file.
    package func read(_ range: Range<Int>) throws(KernelError) -> [UInt8] {
        var result = Result<Void, KernelError>.success(())
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { target, count in
            unsafe result = load(range, into: UnsafeMutableRawBufferPointer(target))
            if case .success = result { count = range.count }
        }
        try result.get()
        return bytes
    }

    /// Makes `bytes` exactly those of `range`; its memory serves again.
    package func read(_ range: Range<Int>, into bytes: inout [UInt8]) throws(KernelError) {
        if bytes.count > range.count { bytes.removeLast(bytes.count - range.count) }
        bytes.append(contentsOf: repeatElement(0, count: range.count - bytes.count))
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe load(range, into: $0) }
        try result.get()
    }

    private func load(
        _ range: Range<Int>, into memory: UnsafeMutableRawBufferPointer
    ) -> Result<Void, KernelError> {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "reads stay in the file")
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<range.count])
        return unsafe isDirect
            ? readDirect(range.lowerBound, into: target)
            : readAll(range.lowerBound, into: target, atLeast: target.count)
    }

    /// Reads the whole blocks around each piece, and copies what was asked for.
    private func readDirect(
        _ start: Int, into target: UnsafeMutableRawBufferPointer
    ) -> Result<Void, KernelError> {
        let block = Self.blockSize
        var done = 0
        while done < target.count {
            let place = start + done
            let lead = place % block
            let wanted = min(target.count - done, AlignedBuffer.sizeMax - block - lead)
            let whole = (lead + wanted + block - 1) / block * block
            let piece = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer.room(for: whole)[..<whole])
            // The last block may end with the file.
            let result = unsafe readAll(place - lead, into: piece, atLeast: lead + wanted)
            guard case .success = result else { return result }
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[done..<done + wanted])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[lead..<lead + wanted]))
            done += wanted
        }
        return .success(())
    }

    private func readAll(
        _ start: Int, into target: UnsafeMutableRawBufferPointer, atLeast needed: Int
    ) -> Result<Void, KernelError> {
        var done = 0
        while done < needed {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = unsafe pread(
                descriptor.raw, rest.baseAddress, rest.count, off_t(start + done))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return .failure(KernelError(call: "pread", code: errno)) }
            // Somebody made the file shorter: what it should hold cannot be read.
            if count == 0 { return .failure(KernelError(call: "pread", code: EIO)) }
            done += count
        }
        return .success(())
    }
}
