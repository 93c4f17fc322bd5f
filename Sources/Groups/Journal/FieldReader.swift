import Bytes

/// Reads fields of a journal's bytes one behind the other; what lies outside of them is refused.
struct FieldReader {
    /// Numbers of a journal are below it: offsets, dates, sizes.
    static let numberEnd: UInt64 = 1 << 62

    private(set) var place: Int
    let end: Int

    init(_ range: Range<Int>) {
        place = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { place == end }
    var left: Int { end - place }

    mutating func byte(_ bytes: Span<UInt8>) throws(GroupsError) -> UInt8 {
        guard place < end else { throw .damaged }
        place += 1
        return bytes[place - 1]
    }

    /// Seven bits a byte, the lowest first, in as few bytes as it needs.
    mutating func number(_ bytes: Span<UInt8>) throws(GroupsError) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 63 {
            let byte = try byte(bytes)
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0, value < Self.numberEnd else { throw .damaged }
                return Int(value)
            }
            shift += 7
        }
        throw .damaged
    }

    mutating func number32(_ bytes: Span<UInt8>) throws(GroupsError) -> UInt32 {
        guard let number = UInt32(exactly: try number(bytes)) else { throw .damaged }
        return number
    }

    /// A sum that stays a number.
    mutating func number(_ bytes: Span<UInt8>, from base: Int) throws(GroupsError) -> Int {
        let sum = base + (try number(bytes))
        guard sum < Int(Self.numberEnd) else { throw .damaged }
        return sum
    }

    /// 0 for none, otherwise one more than it is.
    mutating func bound(_ bytes: Span<UInt8>) throws(GroupsError) -> Int? {
        let number = try number(bytes)
        return number == 0 ? nil : number - 1
    }

    mutating func fixed32(_ bytes: Span<UInt8>) throws(GroupsError) -> UInt32 {
        guard left >= 4 else { throw .damaged }
        place += 4
        return bytes.uint32(at: place - 4)
    }

    mutating func fixed64(_ bytes: Span<UInt8>) throws(GroupsError) -> UInt64 {
        guard left >= 8 else { throw .damaged }
        place += 8
        return bytes.uint64(at: place - 8)
    }

    /// A size, and so many bytes.
    mutating func text(_ bytes: Span<UInt8>, sizeMax: Int) throws(GroupsError) -> [UInt8] {
        let size = try number(bytes)
        guard size <= sizeMax, size <= left else { throw .damaged }
        var text: [UInt8] = []
        text.reserveCapacity(size)
        for index in place..<place + size { text.append(bytes[index]) }
        place += size
        return text
    }

    /// A size, and the place of so many bytes, which it steps over.
    mutating func part(_ bytes: Span<UInt8>) throws(GroupsError) -> Range<Int> {
        let size = try number(bytes)
        guard size <= left else { throw .damaged }
        place += size
        return place - size..<place
    }
}

extension [UInt8] {
    mutating func append(number: Int) {
        precondition(number >= 0, "what is written as a number is not negative")
        var left = UInt64(number)
        while left >= 0x80 {
            append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        append(UInt8(truncatingIfNeeded: left))
    }

    /// 0 for none, otherwise one more than it is.
    mutating func append(bound: Int?) {
        append(number: bound.map { $0 + 1 } ?? 0)
    }

    /// A size, and so many bytes.
    mutating func append(text: some Collection<UInt8>) {
        append(number: text.count)
        append(contentsOf: text)
    }
}
