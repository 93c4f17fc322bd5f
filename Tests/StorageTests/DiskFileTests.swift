import Glibc
import Kernel
import Simulation
import Testing

/// The file systems that a test goes over: a real disk, and memory with and without direct access.
enum FileSystem: CaseIterable {
    case disk, tmpfs, ramfs

    /// A directory on it, and what has to be kept as long; nil where the machine does not have it.
    func place() throws -> (path: String, keeper: AnyObject)? {
        switch self {
        case .disk:
            let place = try Place()
            return (place.path, place)
        case .tmpfs:
            guard unsafe access("/dev/shm", W_OK) == 0 else { return skipped() }
            let place = try Place(under: "/dev/shm")
            return (place.path, place)
        case .ramfs:
            guard let mount = try Mount("ramfs") else { return skipped() }
            return (mount.path, mount)
        }
    }

    private func skipped() -> (path: String, keeper: AnyObject)? {
        print("SKIPPED: no \(self) on this machine, or no right to mount it")
        return nil
    }
}

@Suite("A file on a disk")
struct DiskFileTests {
    private static let block = DiskFile.blockSize

    @Test("is made of zeros that take room on the disk", arguments: FileSystem.allCases)
    func isZeros(system: FileSystem) throws {
        guard let (path, keeper) = try system.place() else { return }
        defer { withExtendedLifetime(keeper) {} }
        let directory = try DiskDirectory(path)
        for size in [0, 100, Self.block, 3 * DiskFile.zeroingPieceSize + Self.block] {
            let access: DiskAccess = size % Self.block == 0 ? .direct : .cached
            let file = try directory.create("zeros", size: size, access, rate: 0)
            #expect(file.size == size)
            #expect(try file.read(0..<size) == [UInt8](repeating: 0, count: size))
            if system != .ramfs { #expect(try file.allocatedSize() >= size) }
        }
        #expect(try directory.names() == ["zeros"])
    }

    @Test("holds what was written, however it is read", arguments: FileSystem.allCases)
    func holdsBytes(system: FileSystem) throws {
        guard let (path, keeper) = try system.place() else { return }
        defer { withExtendedLifetime(keeper) {} }
        let directory = try DiskDirectory(path)
        for seed in UInt64(1)...2 {
            var random = SeededRandom(seed: seed)
            let size = (4 << 20) + 16 * Self.block
            let file = try directory.create("file", size: size, .direct, rate: 0)
            let cached = try directory.open("file", .cached)
            var expected = [UInt8](repeating: 0, count: size)[...]
            var inbox: [UInt8] = []
            for step in 0..<12 {
                let last = step == 0 ? 9 : size / Self.block - 1
                let place = Self.block * random.number(in: 0...last)
                // The first is larger than what the kernel is given at once.
                let most = step == 0 ? size - place : min(size - place, 64 * Self.block)
                let count = step == 0 ? most : Self.block * random.number(in: 0...most / Self.block)
                let bytes = Self.bytes(count, &random)
                try file.write(bytes, at: place)
                if random.oneIn(2) { try file.flush() }
                expected = expected[..<place] + bytes + expected[(place + count)...]
                let start = random.number(in: 0...size)
                let range = start..<random.number(in: start...min(size, start + 99_999))
                #expect(try file.read(range) == Array(expected[range]), "seed \(seed)")
                try cached.read(range, into: &inbox)
                #expect(inbox == Array(expected[range]), "seed \(seed)")
            }
            let again = try directory.open("file", .direct)
            #expect(try again.read(0..<size) == Array(expected), "seed \(seed)")
        }
    }

    /// Blocks that are all different.
    private static func bytes(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            for _ in 0..<8 { bytes.append(UInt8.random(in: 0...255, using: &random)) }
            let filler = UInt8.random(in: 0...255, using: &random)
            bytes += [UInt8](repeating: filler, count: block - 8)
        }
        return bytes
    }

    @Test("refuses a part of a block, on every file system", arguments: FileSystem.allCases)
    func refusesParts(system: FileSystem) throws {
        guard let (path, keeper) = try system.place() else { return }
        defer { withExtendedLifetime(keeper) {} }
        let file = try DiskDirectory(path).create("file", size: 4 * Self.block, .direct, rate: 0)
        let refused = KernelError(call: "pwrite", code: EINVAL)
        for (place, count) in [(0, 1), (512, Self.block), (Self.block, 100), (1, 1)] {
            #expect(throws: refused) {
                try file.write([UInt8](repeating: 1, count: count), at: place)
            }
        }
        #expect(try file.read(0..<file.size) == [UInt8](repeating: 0, count: file.size))
    }

    @Test("goes past the page cache where the file system takes that")
    func goesDirect() throws {
        let place = try Place()
        let directory = try DiskDirectory(place.path)
        let file = try directory.create("file", size: Self.block, .direct, rate: 0)
        if !file.isDirect { print("SKIPPED: /tmp refuses direct access here") }
        #expect(!(try directory.open("file", .cached).isDirect))
        guard let mount = try Mount("ramfs") else {
            return print("SKIPPED: no right to mount a ramfs")
        }
        let memory = try DiskDirectory(mount.path)
        #expect(!(try memory.create("file", size: Self.block, .direct, rate: 0).isDirect))
    }

    @Test("that became shorter fails its reads")
    func failsShortReads() throws {
        let place = try Place()
        let directory = try DiskDirectory(place.path)
        for access in [DiskAccess.direct, .cached] {
            let file = try directory.create("file", size: 4 * Self.block, access, rate: 0)
            #expect(unsafe truncate(place.path + "/file", off_t(Self.block)) == 0)
            #expect(try file.read(0..<Self.block).count == Self.block)
            #expect(throws: KernelError(call: "pread", code: EIO)) {
                try file.read(Self.block..<2 * Self.block)
            }
        }
    }
}
