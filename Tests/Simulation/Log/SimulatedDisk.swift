package import CommitLog

/// A directory on a disk that does to what is not flushed whatever a real one may do.
///
/// At a power loss each unflushed write is there, is not, or is torn between sectors, in any order; a
/// block that was being written may hold garbage; names that were not synchronised go back to what
/// they were. Flushed bytes stay, unless `rot` or `revert` says otherwise.
package final class SimulatedDisk: LogDirectory {
    package static let sectorSize = 512
    /// The code of the error that every call returns once the power is gone.
    package static let powerCode: Int32 = -1

    private enum NameChange {
        case set(String, SimulatedFile)
        case remove(String)
    }

    private var files: [String: SimulatedFile] = [:]
    private var durableFiles: [String: SimulatedFile] = [:]
    private var unsynchronised: [NameChange] = []
    fileprivate var random: SeededRandom
    /// Calls that still work before the power goes; for ever if nothing.
    package var callsLeft: Int?
    /// The power is gone, and some call has noticed.
    package private(set) var isOut = false
    /// The next flush fails, and what it should have written is in doubt.
    package var failsNextFlush = false
    /// Bytes that new files may still take.
    package var space = Int.max
    /// What files take, together with those of other disks.
    package var room = SimulatedRoom()
    /// Flushes say that they are done and do nothing: a mistake to be caught.
    package var liesAboutFlushes = false
    /// The newest write to a frame.
    fileprivate var lastWrite: (file: SimulatedFile, range: Range<Int>)?

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    package func names() throws(LogError) -> [String] {
        try call()
        return files.keys.sorted()
    }

    package func open(_ name: String) throws(LogError) -> SimulatedFile {
        try call()
        guard let file = files[name] else { throw .noSuchFile }
        return file
    }

    package func create(_ name: String, size: Int) throws(LogError) -> SimulatedFile {
        try call()
        guard size <= space, size <= room.capacity - room.used else { throw .noSpace }
        space -= size
        let file = SimulatedFile(on: self, size: size)
        change(.set(name, file))
        return file
    }

    package func rename(_ name: String, to other: String) throws(LogError) {
        try call()
        guard let file = files[name] else { throw .noSuchFile }
        change(.set(other, file))
        change(.remove(name))
    }

    package func remove(_ name: String) throws(LogError) {
        try call()
        guard files[name] != nil else { throw .noSuchFile }
        change(.remove(name))
    }

    package func synchronise() throws(LogError) {
        try call()
        unsynchronised = []
        durableFiles = files
    }

    /// Takes the power away and brings it back: what was in memory only is lost.
    package func losePower() {
        let kept = random.number(in: 0...unsynchronised.count)
        for change in unsynchronised[..<kept] { Self.apply(change, to: &durableFiles) }
        files = durableFiles
        unsynchronised = []
        callsLeft = nil
        isOut = false
        failsNextFlush = false
        for name in files.keys.sorted() { files[name]?.losePower(&random) }
    }

    /// Forgets what the page cache shows and the disk does not have, as direct reads do.
    package func dropCache() {
        for name in files.keys.sorted() { files[name]?.dropCache() }
    }

    /// Loses the newest frame, flushed or not: a mistake to be caught.
    package func forgetLastWrite() {
        guard let (file, range) = lastWrite else { return }
        file.clear(range)
        lastWrite = nil
    }

    fileprivate func call() throws(LogError) {
        guard let left = callsLeft else { return }
        guard left > 0 else {
            isOut = true
            throw .disk(code: Self.powerCode)
        }
        callsLeft = left - 1
    }

    private func change(_ change: NameChange) {
        Self.apply(change, to: &files)
        unsynchronised.append(change)
    }

    private static func apply(_ change: NameChange, to files: inout [String: SimulatedFile]) {
        switch change {
        case .set(let name, let file): files[name] = file
        case .remove(let name): files[name] = nil
        }
    }
}

/// What room files have, and what they take: files that have no name any more, too, for as long as
/// somebody has them open.
package final class SimulatedRoom {
    package var capacity = Int.max
    package fileprivate(set) var used = 0

    package init() {}

    /// Makes what is used so many percent of all there is.
    package func fill(toPercent percent: Int) { capacity = max(1, used * 100 / percent) }
}

/// A file of a disk, which outlives it.
package final class SimulatedFile: LogFile {
    private unowned let disk: SimulatedDisk
    private let room: SimulatedRoom
    /// What reads see.
    private var current: [UInt8]
    /// What outlives a power loss.
    private var durable: [UInt8] = []
    private var unflushed: [Range<Int>]
    /// Flushed blocks that were overwritten later, newest last.
    private var former: [(place: Int, bytes: [UInt8])] = []
    private var unreadable: Set<Int> = []

    fileprivate init(on disk: SimulatedDisk, size: Int) {
        self.disk = disk
        room = disk.room
        current = [UInt8](repeating: 0, count: size)
        unflushed = [0..<size]
        room.used += size
    }

    deinit { room.used -= current.count }

    package var size: Int { current.count }

    package func read(_ range: Range<Int>) throws(LogError) -> [UInt8] {
        try disk.call()
        precondition(range.upperBound <= current.count, "reads stay inside the file")
        let blocks =
            range.lowerBound / LogFormat.blockSize...(range.upperBound / LogFormat.blockSize)
        for block in unreadable where blocks.contains(block) {
            let start = block * LogFormat.blockSize
            if range.overlaps(start..<start + LogFormat.blockSize) { throw .disk(code: 5) }
        }
        return Array(current[range])
    }

    package func write(_ bytes: [UInt8], at place: Int) throws(LogError) {
        try disk.call()
        precondition(place + bytes.count <= current.count, "writes stay inside the file")
        current.replaceSubrange(place..<place + bytes.count, with: bytes)
        unflushed.append(place..<place + bytes.count)
        if place >= LogFormat.blockSize { disk.lastWrite = (self, place..<place + bytes.count) }
    }

    package func flush() throws(LogError) {
        try disk.call()
        if disk.failsNextFlush {
            disk.failsNextFlush = false
            persist(&disk.random)
            throw .disk(code: 5)
        }
        if disk.liesAboutFlushes { return }
        for range in unflushed { keep(range) }
        unflushed = []
    }

    fileprivate func clear(_ range: Range<Int>) {
        let zeros = [UInt8](repeating: 0, count: range.count)
        current.replaceSubrange(range, with: zeros)
        if durable.count >= range.upperBound { durable.replaceSubrange(range, with: zeros) }
    }

    /// Makes one bit of the flushed bytes another, in place.
    package func rot(at place: Int, bit: Int) {
        current[place] ^= 1 << UInt8(bit)
        durable[place] ^= 1 << UInt8(bit)
    }

    /// Makes a block fail every read.
    package func spoil(blockAt place: Int) { unreadable.insert(place / LogFormat.blockSize) }

    /// Gives the block at `place` what it held some flushes ago, if that was other.
    package func revert(blockAt place: Int, toZeros: Bool) -> Bool {
        let range = place..<place + LogFormat.blockSize
        let old = former.last {
            $0.place == place && $0.bytes != Array(durable[range])
                && toZeros == $0.bytes.allSatisfy { $0 == 0 }
        }
        guard let old else { return false }
        durable.replaceSubrange(range, with: old.bytes)
        current.replaceSubrange(range, with: old.bytes)
        return true
    }

    fileprivate func dropCache() {
        current = durable
        unflushed = []
    }

    fileprivate func losePower(_ random: inout SeededRandom) {
        persist(&random)
        current = durable
    }

    /// Brings unflushed writes to the disk in whatever part and order.
    private func persist(_ random: inout SeededRandom) {
        for range in unflushed.shuffled(using: &random) {
            switch random.number(in: 0...3) {
            case 0: continue
            case 1: keep(range)
            default: tear(range, &random)
            }
        }
        unflushed = []
    }

    private func tear(_ range: Range<Int>, _ random: inout SeededRandom) {
        let size = SimulatedDisk.sectorSize
        let first = range.lowerBound / size * size
        for start in stride(from: first, to: range.upperBound, by: size) where random.oneIn(2) {
            keep(range.clamped(to: start..<start + size))
        }
        guard random.oneIn(3), !range.isEmpty else { return }
        // The block that was being written when the power went.
        let place = random.number(in: range.lowerBound...range.upperBound - 1)
        let block = place / LogFormat.blockSize * LogFormat.blockSize
        for index in block..<min(block + LogFormat.blockSize, durable.count) {
            durable[index] = UInt8.random(in: 0...255, using: &random)
        }
    }

    private func keep(_ range: Range<Int>) {
        if durable.count < range.upperBound {
            durable += [UInt8](repeating: 0, count: range.upperBound - durable.count)
        }
        remember(range)
        durable.replaceSubrange(range, with: current[range])
    }

    private func remember(_ range: Range<Int>) {
        // A frame's first block, which decides what the frame is.
        guard range.count >= LogFormat.blockSize, range.count < current.count else { return }
        let block = range.lowerBound..<range.lowerBound + LogFormat.blockSize
        former.append((block.lowerBound, Array(durable[block])))
        if former.count > 64 { former.removeFirst() }
    }
}
