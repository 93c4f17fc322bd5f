package import CommitLog
import Kernel

/// The data directory, in which each shard has a directory of its own.
///
/// Whoever opens it holds its `DirectoryLock`. It belongs to the thread that opened it.
package final class LogHome {
    /// What stands beside the shards, such as the cookie.
    package let files: StoredDirectory
    private let data: DiskDirectory
    private let isReadOnly: Bool

    /// Opens a directory that is there, and makes its own name durable: a log in a directory that a
    /// power cut takes away would be lost, and the next start would find nothing to miss.
    ///
    /// Who only looks asks for nothing of the kind, and opens files for reading alone.
    package init(_ path: String, isReadOnly: Bool = false) throws(LogError) {
        do throws(KernelError) {
            let data = try DiskDirectory(path)
            if !isReadOnly { try Self.synchronise(parentOf: data) }
            files = StoredDirectory(try data.directory("."), isReadOnly: isReadOnly)
            self.data = data
            self.isReadOnly = isReadOnly
        } catch {
            throw LogError(error)
        }
    }

    private static func synchronise(parentOf data: borrowing DiskDirectory) throws(KernelError) {
        do throws(KernelError) {
            let parent = try data.directory("..")
            try parent.synchronise()
        } catch {
            // Somebody with more rights made the directory for us, and it is theirs to keep.
            guard error.isDenied else { throw error }
        }
    }

    /// Opens the directory of a shard; where it is missing it is made, and its name durable.
    package func directory(ofShard shard: UInt32) throws(LogError) -> StoredDirectory {
        try directory(named: Self.name(ofShard: shard))
    }

    /// Opens a directory of a log; where it is missing it is made, and its name durable.
    package func directory(named name: String) throws(LogError) -> StoredDirectory {
        do throws(KernelError) {
            try data.makeDirectory(name)
            // Also where it was there: whoever made it may have died before this.
            try data.synchronise()
            return StoredDirectory(try data.directory(name))
        } catch {
            throw LogError(error, whileMaking: true)
        }
    }

    /// Opens a directory of a log; nothing where it is missing.
    package func existingDirectory(named name: String) throws(LogError) -> StoredDirectory? {
        do throws(KernelError) {
            return StoredDirectory(try data.directory(name), isReadOnly: isReadOnly)
        } catch {
            if error.isNotFound { return nil }
            throw LogError(error)
        }
    }

    /// As in docs/log-format.md: `shard-0000`.
    package static func name(ofShard shard: UInt32) -> String {
        let digits = String(shard)
        return "shard-" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
