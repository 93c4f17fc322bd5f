import Bytes
import CommitLog
import Records

/// The entries of a test of crashes: each follows from its number alone.
enum Entries {
    static let partition = PartitionID(topic: 1, partition: 0)

    static func head(_ number: Int) -> EntryHead {
        EntryHead(
            type: 1, flags: EntryHead.indexed, partition: partition, baseOffset: number, count: 1)
    }

    /// A few bytes or a few blocks of them, with the number in front.
    static func body(_ number: Int) -> [UInt8] {
        let mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        let size = mixed >> 60 == 0 ? Int(mixed >> 40 & 0x7FFF) : Int(mixed >> 40 & 0x7FF)
        var bytes = Array("entry \(number) ".utf8)
        bytes.append(littleEndian: mixed)
        bytes += [UInt8](repeating: UInt8(mixed >> 32 & 0xFF), count: size)
        bytes.append(littleEndian: mixed)
        return bytes
    }

    static func isOwn(_ frame: FoundFrame, _ entry: EntryPlace, number: Int) -> Bool {
        entry.head == head(number) && Array(frame.body(of: entry)) == body(number)
    }
}
