import Glibc
import Kernel
import Testing

@Suite("A directory on a disk")
struct DiskDirectoryTests {
    @Test("knows its names", arguments: FileSystem.allCases)
    func knowsNames(system: FileSystem) throws {
        guard let (path, keeper) = try system.place() else { return }
        defer { withExtendedLifetime(keeper) {} }
        let directory = try DiskDirectory(path)
        #expect(try directory.names().isEmpty)
        for name in ["c", "a", "b"] { _ = try directory.create(name, size: 10, .cached, rate: 0) }
        #expect(try directory.names() == ["a", "b", "c"])
        try directory.open("a", .cached).write([7], at: 3)
        try directory.rename("a", to: "c")
        try directory.synchronise()
        #expect(try directory.names() == ["b", "c"])
        #expect(try directory.open("c", .cached).read(3..<4) == [7])
        try directory.remove("b")
        try directory.makeDirectory("d")
        try directory.makeDirectory("d")
        #expect(try directory.names() == ["c", "d"])
        #expect(try directory.directory("d").directory("..").names() == ["c", "d"])
    }

    @Test("refuses what is not there, and what is no file")
    func refusesStrangers() throws {
        let place = try Place()
        let directory = try DiskDirectory(place.path)
        #expect(throws: KernelError(call: "openat", code: ENOENT)) {
            _ = try directory.open("missing", .direct)
        }
        #expect(throws: KernelError(call: "renameat", code: ENOENT)) {
            try directory.rename("missing", to: "other")
        }
        #expect(throws: KernelError(call: "unlinkat", code: ENOENT)) {
            try directory.remove("missing")
        }
        #expect(throws: KernelError(call: "openat", code: ENOENT)) {
            _ = try directory.directory("missing")
        }
        try directory.makeDirectory("directory")
        #expect(throws: KernelError(call: "openat", code: EISDIR)) {
            _ = try directory.open("directory", .direct)
        }
        #expect(unsafe mkfifo(place.path + "/pipe", 0o600) == 0)
        #expect(throws: KernelError(call: "open", code: EINVAL)) {
            _ = try directory.open("pipe", .direct)
        }
        #expect(unsafe symlink("/etc/passwd", place.path + "/link") == 0)
        #expect(throws: KernelError(call: "openat", code: ELOOP)) {
            _ = try directory.open("link", .direct)
        }
    }

    @Test("makes a file anew where its name is taken, and leaves the old one to who has it open")
    func makesAnew() throws {
        let place = try Place()
        let directory = try DiskDirectory(place.path)
        let old = try directory.create("file", size: 8, .cached, rate: 0)
        try old.write([1], at: 0)
        let new = try directory.create("file", size: 4, .cached, rate: 0)
        #expect(try new.read(0..<4) == [0, 0, 0, 0])
        #expect(try old.read(0..<1) == [1])
    }

    @Test("says how much room there is, and removes what it has no room for")
    func runsOutOfRoom() throws {
        guard let mount = try Mount("tmpfs", size: 2 << 20) else {
            return print("SKIPPED: no right to mount a tmpfs")
        }
        let directory = try DiskDirectory(mount.path)
        let space = try directory.space()
        #expect(space.total == 2 << 20)
        #expect(space.free <= space.total && space.free > 1 << 20)
        _ = try directory.create("first", size: 1 << 20, .direct, rate: 0)
        #expect(try directory.space().free <= 1 << 20)
        do throws(KernelError) {
            _ = try directory.create("second", size: 2 << 20, .direct, rate: 0)
            Issue.record("there is no room for it")
        } catch {
            #expect(error.isNoSpace)
        }
        #expect(try directory.names() == ["first"])
        try directory.remove("first")
        _ = try directory.create("second", size: 1 << 20, .direct, rate: 0)
    }

    @Test("fills a new file no faster than it was told")
    func keepsPace() throws {
        let place = try Place()
        let directory = try DiskDirectory(place.path)
        let size = 4 * DiskFile.zeroingPieceSize
        let began = BootClock.nanoseconds()
        _ = try directory.create("file", size: size, .direct, rate: 10 * size)
        // The last of the pieces starts when three quarters of the time are over; a slow machine
        // makes it later, and never earlier.
        #expect(BootClock.nanoseconds() - began >= 75_000_000)
    }
}
