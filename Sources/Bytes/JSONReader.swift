// Reads JSON (RFC 8259, strictly) a token at a time. The reader holds places and never bytes: the
// same bytes are handed in with each call, and a token says where in them it stands. Nothing is
// allocated and nothing calls itself, so neither long nor deep input costs more than its length.
//
// A text in UTF-16 or with a byte order mark starts with a byte that no JSON starts with, and is
// refused for it. Whether a key may come twice is the caller's concern.

/// What the reader found; where it is, and the rest, is in the reader until the next token.
package enum JSONToken: UInt8, Equatable, Sendable {
    case beginObject, endObject, beginArray, endArray
    /// The name of a member, with its colon; the value is the next token.
    case key
    case string, number, `true`, `false`, null
    /// The value was whole and nothing is behind it.
    case end
}

/// A pull parser over bytes that stay with the caller.
package struct JSONReader: Sendable {
    package static let depthMax = 64

    private enum Expectation: UInt8 {
        case value, valueOrEnd, key, keyOrEnd, commaOrEnd, nothing
    }

    /// Behind the last token; behind a key also its colon.
    package private(set) var position: Int
    private let end: Int
    private var expectation = Expectation.value
    /// One bit a level, the innermost lowest: whether it is an object.
    private var objects: UInt64 = 0
    /// The objects and arrays that are open.
    package private(set) var depth = 0

    /// Where the key, string (without its quotes) or number is.
    package private(set) var text = 0..<0
    /// Whether the key or string has to be unescaped.
    package private(set) var hasEscapes = false
    /// Whether the number has neither fraction nor exponent.
    package private(set) var isInteger = false

    /// Reads one value from the bytes in `range`.
    package init(in range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next token of `input`, which is the same at every call.
    package mutating func next(_ input: Span<UInt8>) throws(JSONError) -> JSONToken {
        precondition(end <= input.count, "the input does not shrink")
        var byte = try significantByte(input)
        if expectation == .commaOrEnd {
            if byte == UInt8(ascii: ",") {
                position &+= 1
                expectation = isInObject ? .key : .value
                byte = try significantByte(input)
            } else {
                return try close(byte)
            }
        }
        switch expectation {
        case .key: return try key(byte, input)
        case .keyOrEnd:
            return byte == UInt8(ascii: "}") ? try close(byte) : try key(byte, input)
        case .valueOrEnd where byte == UInt8(ascii: "]"): return try close(byte)
        case .value, .valueOrEnd: return try value(byte, input)
        case .commaOrEnd, .nothing: break
        }
        // Behind the value `significantByte` returns 0 for the end, and nothing else may be there.
        guard position == end else { throw JSONError(.trailingBytes, at: position) }
        return .end
    }

    /// Passes over one value, whatever it is, checking it as it goes.
    package mutating func skipValue(_ input: Span<UInt8>) throws(JSONError) {
        let outside = depth
        repeat { _ = try next(input) } while depth > outside
    }

    private var isInObject: Bool { objects & 1 == 1 }

    /// The next byte that is not white space; 0 at the end of a text that is whole.
    @inline(__always)
    private mutating func significantByte(_ input: Span<UInt8>) throws(JSONError) -> UInt8 {
        while position < end {
            let byte = input[position]
            if byte > .space { return byte }
            guard byte == .space || byte == .lf || byte == .cr || byte == .tab else { return byte }
            position &+= 1
        }
        if expectation == .nothing { return 0 }
        throw JSONError(.unexpectedEnd, at: position)
    }

    private mutating func value(
        _ byte: UInt8, _ input: Span<UInt8>
    ) throws(JSONError) -> JSONToken {
        switch byte {
        case .quote:
            try string(input)
            endValue()
            return .string
        case UInt8(ascii: "{"): return try open(.beginObject)
        case UInt8(ascii: "["): return try open(.beginArray)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(input)
            endValue()
            return .number
        case UInt8(ascii: "t"): return try word("true", .true, input)
        case UInt8(ascii: "f"): return try word("false", .false, input)
        case UInt8(ascii: "n"): return try word("null", .null, input)
        default: throw JSONError(.unexpectedByte, at: position)
        }
    }

    private mutating func key(_ byte: UInt8, _ input: Span<UInt8>) throws(JSONError) -> JSONToken {
        guard byte == .quote else { throw JSONError(.unexpectedByte, at: position) }
        try string(input)
        guard try significantByte(input) == UInt8(ascii: ":") else {
            throw JSONError(.unexpectedByte, at: position)
        }
        position &+= 1
        expectation = .value
        return .key
    }

    private mutating func open(_ token: JSONToken) throws(JSONError) -> JSONToken {
        guard depth < Self.depthMax else {
            throw JSONError(.tooDeep(limit: Self.depthMax), at: position)
        }
        let isObject = token == .beginObject
        objects = objects << 1 | (isObject ? 1 : 0)
        depth &+= 1
        position &+= 1
        expectation = isObject ? .keyOrEnd : .valueOrEnd
        return token
    }

    private mutating func close(_ byte: UInt8) throws(JSONError) -> JSONToken {
        let isObject = isInObject
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
            throw JSONError(.unexpectedByte, at: position)
        }
        position &+= 1
        objects >>= 1
        depth &-= 1
        endValue()
        return isObject ? .endObject : .endArray
    }

    private mutating func endValue() { expectation = depth == 0 ? .nothing : .commaOrEnd }

    private mutating func string(_ input: Span<UInt8>) throws(JSONError) {
        let start = position &+ 1
        var stop = input.endOfPlainJSON(from: start, to: end, stopsAtNonASCII: true)
        hasEscapes = false
        if stop == end || input[stop] != .quote {
            var scan = JSONStringScan(from: stop, to: end)
            try scan.run(input)
            (stop, hasEscapes) = (scan.position, scan.hasEscapes)
        }
        text = start..<stop
        position = stop &+ 1
    }

    private mutating func number(_ input: Span<UInt8>) throws(JSONError) {
        if isShortInteger(input) { return }
        var scan = JSONNumberScan(from: position, to: end)
        try scan.run(input)
        text = position..<scan.position
        isInteger = scan.isInteger
        position = scan.position
    }

    /// Takes a number of digits only, which nearly all are, without the whole grammar.
    private mutating func isShortInteger(_ input: Span<UInt8>) -> Bool {
        guard input[position] &- 0x31 < 9 else { return false }
        var stop = position &+ 1
        while stop < end, input[stop].isDigit { stop &+= 1 }
        guard stop < end, input[stop] != UInt8(ascii: "."), input[stop] | 0x20 != UInt8(ascii: "e")
        else { return false }
        text = position..<stop
        isInteger = true
        position = stop
        return true
    }

    private mutating func word(
        _ word: String, _ token: JSONToken, _ input: Span<UInt8>
    ) throws(JSONError) -> JSONToken {
        for letter in word.utf8 {
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            guard input[position] == letter else { throw JSONError(.unexpectedByte, at: position) }
            position &+= 1
        }
        endValue()
        return token
    }
}
