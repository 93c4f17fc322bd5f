import Glibc

/// Memory as direct access wants it: on a boundary of its own, and kept for the next call.
///
/// Files of one directory share one; it belongs to the thread that they belong to.
@safe final class AlignedBuffer {
    /// What is moved at once: a full round of the log with its header.
    static let sizeMax = (4 << 20) + alignment
    static let alignment = 4_096

    private(set) var size = 0
    private var memory: UnsafeMutableRawPointer?

    init() {}

    deinit { unsafe memory?.deallocate() }

    /// Returns at least `size` bytes, in which anything may stand.
    func room(for size: Int) -> UnsafeMutableRawBufferPointer {
        precondition(size <= Self.sizeMax, "what is larger goes in pieces")
        if let memory = unsafe memory, self.size >= size {
            return unsafe UnsafeMutableRawBufferPointer(start: memory, count: self.size)
        }
        unsafe memory?.deallocate()
        var grown = max(self.size, 64 << 10)
        while grown < size { grown *= 2 }
        grown = min(grown, Self.sizeMax)
        let fresh = UnsafeMutableRawPointer.allocate(
            byteCount: grown, alignment: Self.alignment)
        unsafe memory = fresh
        self.size = grown
        return unsafe UnsafeMutableRawBufferPointer(start: fresh, count: grown)
    }
}
