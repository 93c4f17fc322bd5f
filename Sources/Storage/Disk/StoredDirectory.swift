package import CommitLog
package import Kernel

/// A directory on the real disk, as the log wants it.
///
/// It and its files belong to the thread that opened it; one that makes segments in the background
/// opens its own.
package final class StoredDirectory: LogDirectory {
    /// Bytes a second at which new files are filled with zeros; 0 is as fast as the disk goes.
    ///
    /// The calling thread sleeps meanwhile, so that flushes of others beside it stay quick.
    package var zeroingRate = 0
    private let directory: DiskDirectory
    /// Files are opened for reading alone, so that a copy which nobody may write can be looked at.
    private let isReadOnly: Bool

    package init(_ directory: consuming DiskDirectory, isReadOnly: Bool = false) {
        self.directory = directory
        self.isReadOnly = isReadOnly
    }

    package func names() throws(LogError) -> [String] {
        do throws(KernelError) {
            return try directory.names()
        } catch {
            throw LogError(error)
        }
    }

    /// Opens a file past the page cache: to write whole blocks, or to read what the disk truly has.
    package func open(_ name: String) throws(LogError) -> StoredFile {
        try open(name, .direct)
    }

    /// Opens a file through the page cache, for clients that read what many others read as well.
    package func openCached(_ name: String) throws(LogError) -> StoredFile {
        try open(name, .cached)
    }

    private func open(_ name: String, _ access: DiskAccess) throws(LogError) -> StoredFile {
        do throws(KernelError) {
            return StoredFile(
                isReadOnly
                    ? try directory.openToRead(name, access) : try directory.open(name, access))
        } catch {
            throw LogError(error)
        }
    }

    package func create(_ name: String, size: Int) throws(LogError) -> StoredFile {
        // A checkpoint or a cookie does not end with a block, so it is written through the cache.
        let access: DiskAccess = size % DiskFile.blockSize == 0 ? .direct : .cached
        do throws(KernelError) {
            return StoredFile(
                try directory.create(name, size: size, access, rate: zeroingRate))
        } catch {
            throw LogError(error, whileMaking: true)
        }
    }

    package func rename(_ name: String, to other: String) throws(LogError) {
        do throws(KernelError) {
            try directory.rename(name, to: other)
        } catch {
            throw LogError(error, whileMaking: true)
        }
    }

    package func remove(_ name: String) throws(LogError) {
        do throws(KernelError) {
            try directory.remove(name)
        } catch {
            throw LogError(error)
        }
    }

    package func synchronise() throws(LogError) {
        do throws(KernelError) {
            try directory.synchronise()
        } catch {
            throw LogError(error)
        }
    }

    package func space() throws(LogError) -> DiskSpace {
        do throws(KernelError) {
            return try directory.space()
        } catch {
            throw LogError(error)
        }
    }
}
