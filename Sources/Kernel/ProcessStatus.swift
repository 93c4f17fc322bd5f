import Glibc

/// What the system says about this process, for whoever watches it.
package struct ProcessStatus: Equatable, Sendable {
    /// Memory that is in use at the moment, shared pages included.
    package var residentBytes: UInt64?
    /// Time on all cores, in our code and in the kernel for us.
    package var cpuNanoseconds: UInt64
    package var openDescriptors: UInt64?
    package var descriptorMax: UInt64?
    /// When the process began, in nanoseconds after 1970.
    package var startNanoseconds: UInt64?

    private static let fileSizeMax = 4 << 10

    /// Asks now; what the system does not tell is nil.
    package static func now() -> ProcessStatus {
        ProcessStatus(
            residentBytes: text("/proc/self/statm").flatMap {
                residentBytes(statm: $0, pageSize: UInt64(getpagesize()))
            },
            cpuNanoseconds: cpuTime(), openDescriptors: descriptorCount(),
            descriptorMax: descriptorLimit(), startNanoseconds: start)
    }

    /// Found once, because a clock that is set later would move it.
    private static let start: UInt64? = {
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        guard ticks > 0, let stat = text("/proc/self/stat"),
            let age = startNanoseconds(stat: stat, ticksPerSecond: UInt64(ticks))
        else { return nil }
        let wall = UInt64(max(0, WallClock.now())) * 1_000_000
        let boot = BootClock.nanoseconds()
        return wall > boot ? wall - boot + age : nil
    }()

    private static func cpuTime() -> UInt64 {
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
    }

    private static func nanoseconds(_ time: timeval) -> UInt64 {
        UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
    }

    private static func descriptorLimit() -> UInt64? {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        return unsafe getrlimit(kind, &limit) == 0 ? UInt64(limit.rlim_cur) : nil
    }

    /// Linux 6.2 and later have the count as the size of the directory, which costs one call however
    /// many there are; before, the names are counted.
    private static func descriptorCount() -> UInt64? {
        var status = stat()
        if unsafe stat("/proc/self/fd", &status) == 0, status.st_size > 0 {
            return UInt64(status.st_size)
        }
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count: UInt64 = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // The directory itself, its parent, and the descriptor that reads it.
        return count < 3 ? nil : count - 3
    }

    private static func text(_ path: String) -> String? {
        do throws(KernelError) {
            return String(decoding: try TextFile.read(path, sizeMax: fileSizeMax), as: UTF8.self)
        } catch {
            // A sandbox may hide /proc; the rest is worth telling without it.
            return nil
        }
    }
}

// What the files say, without reading them.
extension ProcessStatus {
    /// Reads `/proc/self/statm`: sizes in pages, of which the second is the resident one.
    static func residentBytes(statm: String, pageSize: UInt64) -> UInt64? {
        guard let pages = statm.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) })
        else { return nil }
        return pages * pageSize
    }

    /// Reads the 22nd field of `/proc/self/stat`, the start in ticks after the boot.
    ///
    /// The second field, the name of the program, may hold spaces and brackets.
    static func startNanoseconds(stat: String, ticksPerSecond: UInt64) -> UInt64? {
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[bracket...].dropFirst().split(separator: " ")
        guard fields.count > 19, let ticks = UInt64(fields[19]) else { return nil }
        return ticks * (1_000_000_000 / ticksPerSecond)
    }
}
