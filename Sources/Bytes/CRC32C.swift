// The check sum of everything that rests on a disk or travels between tiers: CRC-32C (Castagnoli,
// RFC 3720), which processors have an instruction for. Taken in pieces it is the same as in one.

internal import CChecksum

/// A CRC-32C over the bytes it was given so far.
package struct CRC32C: Equatable, Sendable {
    /// The check sum.
    package private(set) var value: UInt32

    /// Starts with no bytes, or where another sum of this `value` ended.
    package init(value: UInt32 = 0) {
        self.value = value
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        let sum = value
        value = unsafe bytes.withUnsafeBufferPointer { pointer in
            unsafe checksum_crc32c(sum, pointer.baseAddress, pointer.count)
        }
    }

    /// The check sum of `bytes` alone.
    package static func of(_ bytes: Span<UInt8>) -> UInt32 {
        var sum = CRC32C()
        sum.update(bytes)
        return sum.value
    }

    /// The same by tables, which is the way of processors without the instruction.
    static func byTable(_ bytes: Span<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { pointer in
            unsafe checksum_crc32c_table(0, pointer.baseAddress, pointer.count)
        }
    }

    /// Whether the processor does the work.
    package static var isHardware: Bool { checksum_crc32c_is_hardware() != 0 }
}
