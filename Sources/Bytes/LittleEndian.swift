// Integers in the order in which formats of files and frames have them: the lowest byte first.
//
// Places outside of the bytes trap, so the caller has checked what a stranger declares.

extension Span<UInt8> {
    @inlinable @inline(__always)
    package func uint16(at place: Int) -> UInt16 {
        let two = extracting(place..<place + 2)
        return UInt16(two[0]) | UInt16(two[1]) << 8
    }

    @inlinable @inline(__always)
    package func uint32(at place: Int) -> UInt32 {
        let four = extracting(place..<place + 4)
        return UInt32(four[0]) | UInt32(four[1]) << 8 | UInt32(four[2]) << 16
            | UInt32(four[3]) << 24
    }

    @inlinable @inline(__always)
    package func uint64(at place: Int) -> UInt64 {
        UInt64(uint32(at: place)) | UInt64(uint32(at: place + 4)) << 32
    }
}

extension OutputSpan<UInt8> {
    /// Appends `value`, the lowest byte first, to a span that has room for it.
    @inlinable @inline(__always)
    package mutating func append<Number: FixedWidthInteger & UnsignedInteger>(
        littleEndian value: Number
    ) {
        for index in 0..<Number.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }
}

extension MutableSpan<UInt8> {
    /// Writes `value` over the bytes from `place` on, the lowest byte first.
    @inlinable @inline(__always)
    package mutating func set<Number: FixedWidthInteger & UnsignedInteger>(
        littleEndian value: Number, at place: Int
    ) {
        for index in 0..<Number.bitWidth / 8 {
            self[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }
}

extension [UInt8] {
    /// Appends `value`, the lowest byte first.
    @inlinable @inline(__always)
    package mutating func append<Number: FixedWidthInteger & UnsignedInteger>(
        littleEndian value: Number
    ) {
        // Asking for room once would cost more than it saves.
        for index in 0..<Number.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    /// Writes `value` over the bytes from `place` on, the lowest byte first.
    @inlinable @inline(__always)
    package mutating func set<Number: FixedWidthInteger & UnsignedInteger>(
        littleEndian value: Number, at place: Int
    ) {
        var bytes = mutableSpan
        bytes.set(littleEndian: value, at: place)
    }
}
