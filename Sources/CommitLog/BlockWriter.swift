import Bytes

/// Lays things of one size out in blocks, each with its checksum in its last four bytes.
struct BlockWriter {
    static let checksumPlace = LogFormat.blockSize - 4

    private var bytes: [UInt8] = []
    private var count = 0
    private let perBlock: Int

    init(perBlock: Int) {
        self.perBlock = perBlock
    }

    /// Whether the next thing is the first of its block.
    var startsBlock: Bool { count % perBlock == 0 }

    mutating func add(_ write: (inout [UInt8]) -> Void) {
        if startsBlock { endBlock() }
        write(&bytes)
        count += 1
    }

    consuming func finished() -> [UInt8] {
        endBlock()
        return bytes
    }

    private mutating func endBlock() {
        let start = (bytes.count - 1) / LogFormat.blockSize * LogFormat.blockSize
        guard !bytes.isEmpty, bytes.count % LogFormat.blockSize != 0 else { return }
        let end = start + LogFormat.blockSize
        bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
        bytes.setChecksum(of: start, at: end - 4)
    }
}
