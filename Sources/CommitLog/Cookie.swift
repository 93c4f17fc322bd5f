// The file `cookie`, 128 bytes, as in docs/log-format.md:
//
//     0 magic    8 version    12 shardCount    16 cluster    32 node    48 incarnation
//    56 createdTime          124 headerCRC

import Bytes

/// Says whose data a directory holds, so that nobody serves somebody else's, or none, as its own.
package struct Cookie: Equatable, Sendable {
    package var shardCount: UInt32
    package var cluster: Identity
    package var node: Identity
    package var incarnation: UInt64
    package var createdTime: Int

    package static let name = "cookie"
    static let magic: StaticString = "PHCOOKIE"

    package init(
        shardCount: UInt32, cluster: Identity, node: Identity, incarnation: UInt64,
        createdTime: Int
    ) {
        self.shardCount = shardCount
        self.cluster = cluster
        self.node = node
        self.incarnation = incarnation
        self.createdTime = createdTime
    }

    package func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: LogFormat.cookieSize)
        bytes.set(Self.magic, at: 0)
        bytes[8] = LogFormat.formatVersion
        bytes.set(littleEndian: shardCount, at: 12)
        bytes.set(littleEndian: cluster.high, at: 16)
        bytes.set(littleEndian: cluster.low, at: 24)
        bytes.set(littleEndian: node.high, at: 32)
        bytes.set(littleEndian: node.low, at: 40)
        bytes.set(littleEndian: incarnation, at: 48)
        bytes.set(littleEndian: UInt64(createdTime), at: 56)
        bytes.setChecksum(at: 124)
        return bytes
    }

    package init(decoding file: [UInt8]) throws(LogError) {
        let bytes = file.span
        guard bytes.count == LogFormat.cookieSize, bytes.matches(Self.magic, at: 0),
            CRC32C.of(bytes.extracting(0..<124)) == bytes.uint32(at: 124)
        else { throw .damaged(.cookie) }
        guard bytes[8] == LogFormat.formatVersion else {
            throw .unsupported(.cookie, version: bytes[8])
        }
        guard let createdTime = bytes.position(at: 56) else { throw .damaged(.cookie) }
        self.init(
            shardCount: bytes.uint32(at: 12),
            cluster: Identity(
                high: bytes.uint64(at: 16), low: bytes.uint64(at: 24)),
            node: Identity(
                high: bytes.uint64(at: 32), low: bytes.uint64(at: 40)),
            incarnation: bytes.uint64(at: 48), createdTime: createdTime)
    }
}
