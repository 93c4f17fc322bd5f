package import CommitLog
import Kernel

/// A file of a shard on the real disk.
package final class StoredFile: LogFile {
    private let file: DiskFile

    init(_ file: consuming DiskFile) {
        self.file = file
    }

    package var size: Int { file.size }

    /// Whether reads show what the disk has, past the page cache.
    package var isDirect: Bool { file.isDirect }

    package func read(_ range: Range<Int>) throws(LogError) -> [UInt8] {
        do throws(KernelError) {
            return try file.read(range)
        } catch {
            throw LogError(error)
        }
    }

    /// Makes `bytes` exactly those of `range`; its memory serves again.
    package func read(_ range: Range<Int>, into bytes: inout [UInt8]) throws(LogError) {
        do throws(KernelError) {
            try file.read(range, into: &bytes)
        } catch {
            throw LogError(error)
        }
    }

    package func write(_ bytes: [UInt8], at place: Int) throws(LogError) {
        do throws(KernelError) {
            try file.write(bytes, at: place)
        } catch {
            throw LogError(error)
        }
    }

    package func flush() throws(LogError) {
        do throws(KernelError) {
            try file.flush()
        } catch {
            throw LogError(error)
        }
    }
}
