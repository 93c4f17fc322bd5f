// Writes JSON (RFC 8259) into bytes, front to back. It places the commas and escapes the strings;
// whoever calls it in an impossible order (a value without its key, an end too many) is stopped
// by an assertion.

/// An append-only writer of JSON values.
package struct JSONWriter: ~Copyable {
    /// As deep as `JSONReader` reads: one bit a level says whether it is an object.
    package static let depthMax = 64

    private var bytes: [UInt8]
    private var objects: UInt64 = 0
    private var depth = 0
    private var needsComma = false
    private var hasKey = false

    /// Starts behind what is already in `bytes`.
    package init(appendingTo bytes: consuming [UInt8] = []) { self.bytes = bytes }

    /// Ends the text, which has to be whole, and gives up its bytes.
    package consuming func finish() -> [UInt8] {
        assert(depth == 0 && !hasKey, "an object or array is still open")
        return bytes
    }

    /// Gives up the first `count` bytes of a text that is not whole.
    fileprivate consuming func abandon(after count: Int) -> [UInt8] {
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    package mutating func beginObject() { begin("{", isObject: true) }

    package mutating func endObject() {
        assert(isInObject && !hasKey, "no object is open, or its last key has no value")
        end("}")
    }

    package mutating func beginArray() { begin("[", isObject: false) }

    package mutating func endArray() {
        assert(depth > 0 && !isInObject, "no array is open")
        end("]")
    }

    /// Starts a member of the open object; its value comes next.
    package mutating func key(_ name: String) {
        assert(isInObject && !hasKey, "a key stands in an object, before its value")
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(.quote)
        let start = bytes.count
        bytes.append(contentsOf: name.utf8)
        bytes.escapeJSON(from: start)
        bytes.append(.quote)
        bytes.append(UInt8(ascii: ":"))
        hasKey = true
    }

    package mutating func string(_ value: String) {
        beginValue()
        bytes.append(.quote)
        let start = bytes.count
        bytes.append(contentsOf: value.utf8)
        bytes.escapeJSON(from: start)
        bytes.append(.quote)
        endValue()
    }

    /// Writes a string from bytes that are known to be UTF-8.
    package mutating func string(utf8 value: ArraySlice<UInt8>) {
        assert(String(validating: value, as: UTF8.self) != nil, "a JSON string is UTF-8")
        beginValue()
        bytes.append(.quote)
        let start = bytes.count
        bytes.append(contentsOf: value)
        bytes.escapeJSON(from: start)
        bytes.append(.quote)
        endValue()
    }

    package mutating func int(_ value: Int64) {
        beginValue()
        bytes.append(decimal: value)
        endValue()
    }

    package mutating func uint(_ value: UInt64) {
        beginValue()
        bytes.append(decimal: value)
        endValue()
    }

    /// Writes a number that comes back as the same double; JSON has no NaN and no infinity.
    package mutating func double(_ value: Double) {
        precondition(value.isFinite, "JSON has no word for \(value)")
        beginValue()
        bytes.append(contentsOf: value.description.utf8)
        endValue()
    }

    package mutating func bool(_ value: Bool) {
        beginValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        endValue()
    }

    package mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
        endValue()
    }

    /// Ends a line of newline-delimited JSON, after which another value may start.
    package mutating func endLine() {
        assert(depth == 0 && needsComma, "a line is one whole value")
        bytes.append(.lf)
        needsComma = false
    }

    private var isInObject: Bool { depth > 0 && objects & 1 == 1 }

    private mutating func begin(_ bracket: Unicode.Scalar, isObject: Bool) {
        precondition(depth < Self.depthMax, "JSON deeper than \(Self.depthMax) levels")
        beginValue()
        bytes.append(UInt8(ascii: bracket))
        objects = objects << 1 | (isObject ? 1 : 0)
        depth += 1
        needsComma = false
        hasKey = false
    }

    private mutating func end(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        objects >>= 1
        depth -= 1
        endValue()
    }

    private mutating func beginValue() {
        assert(!isInObject || hasKey, "a value in an object has a key")
        assert(depth > 0 || !needsComma, "a text is one value")
        if needsComma && !hasKey { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func endValue() {
        needsComma = true
        hasKey = false
    }
}

extension [UInt8] {
    /// Appends one JSON text behind what is here, without copying what is here.
    ///
    /// When `write` throws, nothing is appended.
    package mutating func appendJSON<Failure: Error>(
        _ write: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        var mine: [UInt8] = []
        swap(&mine, &self)
        let start = mine.count
        var writer = JSONWriter(appendingTo: consume mine)
        do throws(Failure) {
            try write(&writer)
            self = writer.finish()
        } catch {
            self = writer.abandon(after: start)
            throw error
        }
    }

    /// Escapes what was appended since `start` as the inside of a JSON string.
    ///
    /// Nearly all strings need nothing, so they are copied first and looked at second.
    package mutating func escapeJSON(from start: Int) {
        let first = span.endOfPlainJSON(from: start, to: count, stopsAtNonASCII: false)
        if first == count { return }
        let tail = [UInt8](self[first...])
        removeLast(count - first)
        var run = 0
        while run < tail.count {
            let stop = tail.span.endOfPlainJSON(
                from: run, to: tail.count, stopsAtNonASCII: false)
            append(contentsOf: tail[run..<stop])
            if stop < tail.count { append(jsonEscapeOf: tail[stop]) }
            run = stop + 1
        }
    }

    private mutating func append(jsonEscapeOf byte: UInt8) {
        append(.backslash)
        switch byte {
        case .quote, .backslash: append(byte)
        case .lf: append(UInt8(ascii: "n"))
        case .cr: append(UInt8(ascii: "r"))
        case .tab: append(UInt8(ascii: "t"))
        default:
            append(contentsOf: "u00".utf8)
            append(UInt8(hexDigit: byte >> 4))
            append(UInt8(hexDigit: byte & 15))
        }
    }
}
