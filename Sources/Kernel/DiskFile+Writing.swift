import Glibc

extension DiskFile {
    /// Writes all of `bytes`, or throws; what is there then is durable after `flush` only.
    ///
    /// With direct access `place` and the size are whole blocks, or this throws `EINVAL`, on every
    /// file system alike.
    package func write(_ bytes: [UInt8], at place: Int) throws(KernelError) {
        precondition(place >= 0 && place + bytes.count <= size, "writes stay in the file")
        let block = Self.blockSize
        if access == .direct, place % block != 0 || bytes.count % block != 0 {
            throw KernelError(call: "pwrite", code: EINVAL)
        }
        let result = unsafe bytes.withUnsafeBytes { source in
            unsafe isDirect ? writeDirect(source, at: place) : writeAll(source, at: place)
        }
        try result.get()
    }

    private func writeDirect(
        _ source: UnsafeRawBufferPointer, at place: Int
    ) -> Result<Void, KernelError> {
        var done = 0
        while done < source.count {
            let count = min(source.count - done, AlignedBuffer.sizeMax)
            let piece = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer.room(for: count)[..<count])
            unsafe piece.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[done..<done + count]))
            let result = unsafe writeAll(UnsafeRawBufferPointer(piece), at: place + done)
            guard case .success = result else { return result }
            done += count
        }
        return .success(())
    }

    private func writeAll(
        _ source: UnsafeRawBufferPointer, at place: Int
    ) -> Result<Void, KernelError> {
        var done = 0
        while done < source.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: source[done...])
            let count = unsafe pwrite(
                descriptor.raw, rest.baseAddress, rest.count, off_t(place + done))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return .failure(KernelError(call: "pwrite", code: errno)) }
            // Neither an error nor progress: there is nothing to wait for.
            if count == 0 { return .failure(KernelError(call: "pwrite", code: EIO)) }
            done += count
        }
        return .success(())
    }

    /// Makes durable what was written before.
    ///
    /// It is never tried again after it has failed: the kernel may have dropped what it could not
    /// write, and the next call would succeed over that.
    package func flush() throws(KernelError) {
        let raw = descriptor.raw
        guard fdatasync(raw) == 0 else { throw KernelError(call: "fdatasync", code: errno) }
    }

    /// The same for the size and the place of all blocks, once they are new.
    func flushWithMetadata() throws(KernelError) {
        let raw = descriptor.raw
        guard fsync(raw) == 0 else { throw KernelError(call: "fsync", code: errno) }
    }

    /// Bytes that the file takes on the disk.
    package func allocatedSize() throws(KernelError) -> Int {
        var status = stat()
        let raw = descriptor.raw
        try retrying("fstat") { unsafe fstat(raw, &status) }
        return Int(status.st_blocks) * 512
    }
}
