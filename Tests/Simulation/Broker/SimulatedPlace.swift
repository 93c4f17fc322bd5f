package import CommitLog
package import Kernel
package import Storage

/// The disks and the clocks of a simulated node: a disk a log, all of them on one power line.
///
/// A world is of one thread, and hands its place to nobody else.
package final class SimulatedPlace: LogPlace, @unchecked Sendable {
    private static let rootName = "root"
    /// What is left of a disk without bounds is more than this.
    private static let plenty = Int.max / 2
    private static let readingsPerMillisecond = 7

    private(set) var disks: [String: SimulatedDisk] = [:]
    /// Of all disks together.
    package let room = SimulatedRoom()
    private var random: SeededRandom
    private var readings = 0
    package var now = Moment(wall: 1_700_000_000_000, boot: 1_000)
    /// Flushes do nothing: a mistake to be caught.
    var liesAboutFlushes = false {
        didSet { for disk in disks.values { disk.liesAboutFlushes = liesAboutFlushes } }
    }

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Time goes by while a turn lasts, too.
    package func moment() -> Moment {
        readings += 1
        if readings % Self.readingsPerMillisecond == 0 {
            now.boot += 1
            now.wall += 1
        }
        return now
    }
    package func space() -> DiskSpace {
        DiskSpace(total: room.capacity, free: max(0, room.capacity - room.used))
    }
    package func root() -> SimulatedDisk { disk(Self.rootName) }
    package func directory(of log: LogName) -> SimulatedDisk { disk(log.description) }
    package func existingDirectory(of log: LogName) -> SimulatedDisk? { disks[log.description] }
    package func backgroundDirectory(of log: LogName) -> SimulatedDisk { disk(log.description) }

    private func disk(_ name: String) -> SimulatedDisk {
        if let disk = disks[name] { return disk }
        let disk = SimulatedDisk(seed: random.next())
        disk.liesAboutFlushes = liesAboutFlushes
        disk.room = room
        disks[name] = disk
        return disk
    }

    private var inOrder: [SimulatedDisk] { disks.sorted { $0.key < $1.key }.map(\.value) }

    /// One of the disks that hold a log.
    func anyLog(_ dice: Dice) -> SimulatedDisk? {
        let logs = disks.filter { $0.key != Self.rootName }.sorted { $0.key < $1.key }
        return logs.isEmpty ? nil : dice.pick(logs).value
    }

    /// Whether some call found the power gone.
    var isOut: Bool { disks.values.contains { $0.isOut } }

    func losePower() { for disk in inOrder { disk.losePower() } }

    /// What a process that ended at a failed flush leaves to the next: what the disks have.
    func dropCache() { for disk in inOrder { disk.dropCache() } }

    /// Lets all calls work, for ever.
    func mend() {
        room.capacity = .max
        for disk in disks.values {
            disk.callsLeft = nil
            disk.failsNextFlush = false
            disk.space = .max
        }
    }

    var isFull: Bool {
        room.capacity < .max || disks.values.contains { $0.space < Self.plenty }
    }

    func set(space: Int) { for disk in disks.values { disk.space = space } }

    func mendRoom() {
        room.capacity = .max
        set(space: .max)
    }

    func forgetLastWrites() { for disk in inOrder { disk.forgetLastWrite() } }
}
