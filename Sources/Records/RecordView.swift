// One record where it lies: its parts are ranges of the bytes that hold the raw payload.
//
//     varint time    varint key size, key    varint size, content type
//     varint count, then each attribute: varint size, name, varint size, value    body: the rest

internal import Bytes

/// Where the parts of a record are.
package struct RecordView: Equatable, Sendable {
    /// Four varints of zero, and no body.
    static let sizeMin = 4

    /// Its number in the batch.
    package let index: Int
    /// The publish time, in milliseconds since 1970.
    package internal(set) var time: UInt64
    package let key: Range<Int>?
    /// Empty if there is none.
    package let contentType: Range<Int>
    /// The attributes, for their cursor.
    package let attributes: AttributeCursor
    package let body: Range<Int>

    /// Reads the record in `range` of `bytes`, which is of a batch with `baseTime`.
    init(
        _ index: Int, _ bytes: Span<UInt8>, in range: Range<Int>, flags: RecordFlags,
        baseTime: UInt64
    ) throws(RecordsError) {
        var place = range.lowerBound
        let end = range.upperBound
        guard let delta = bytes.varint(at: &place, before: end),
            let key = bytes.part(at: &place, before: end),
            let contentType = bytes.part(at: &place, before: end),
            let attributes = AttributeCursor(bytes, at: &place, before: end),
            flags.contains(.hasKey) || key.isEmpty,
            flags.contains(.hasAttributes) == (attributes.count > 0)
        else { throw .badRecord(index) }
        self.index = index
        time = baseTime + UInt64(delta)
        self.key = flags.contains(.hasKey) ? key : nil
        self.contentType = contentType
        self.attributes = attributes
        body = place..<end
    }
}

/// Walks over the attributes of a record.
package struct AttributeCursor: Equatable, Sendable {
    /// The attributes that are left.
    package private(set) var count: Int
    private var place: Int
    private let end: Int

    /// Looks for attributes at `place` and moves it behind them; nil if they are broken.
    fileprivate init?(_ bytes: Span<UInt8>, at place: inout Int, before end: Int) {
        guard let stated = bytes.varint(at: &place, before: end),
            stated <= RecordLimits.attributeCountMax
        else { return nil }
        count = Int(stated)
        self.place = place
        for _ in 0..<count {
            guard let name = bytes.part(at: &place, before: end), !name.isEmpty,
                bytes.part(at: &place, before: end) != nil
            else { return nil }
        }
        self.end = place
    }

    /// The next attribute in `bytes`, which are those that the record was read from.
    package mutating func next(
        in bytes: Span<UInt8>
    ) -> (name: Range<Int>, value: Range<Int>)? {
        guard count > 0, let name = bytes.part(at: &place, before: end),
            let value = bytes.part(at: &place, before: end)
        else { return nil }
        count -= 1
        return (name, value)
    }
}

extension Span<UInt8> {
    /// A part behind its size; nil if it does not end before `end`.
    @inline(__always)
    func part(at place: inout Int, before end: Int) -> Range<Int>? {
        guard let size = varint(at: &place, before: end), Int(size) <= end - place else {
            return nil
        }
        let start = place
        place += Int(size)
        return start..<place
    }
}
