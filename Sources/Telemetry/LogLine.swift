// One event, one line. The line is at most 4096 bytes with its line feed, so that a write of whole
// lines to a pipe is never mixed with another thread's (PIPE_BUF). No value can end the line or
// start a field: control characters are escaped in both formats.

internal import Bytes

/// A line in the making, in logfmt or JSON.
package struct LogLine: ~Copyable {
    /// A line with its line feed: PIPE_BUF on Linux.
    package static let sizeMax = 4_096
    /// One value before it is escaped; what is longer ends in an ellipsis.
    package static let valueSizeMax = 1_024

    private static let truncationSize = 24

    private var bytes: [UInt8]
    private let start: Int
    private let format: LogFormat
    private var isTruncated = false

    init(
        _ message: String, level: LogLevel, format: LogFormat, at milliseconds: Int64,
        appendingTo bytes: consuming [UInt8]
    ) {
        start = bytes.count
        self.bytes = bytes
        self.format = format
        if format == .json { self.bytes.append(UInt8(ascii: "{")) }
        appendKey("time", isFirst: true)
        let quote = format == .json
        if quote { self.bytes.append(.quote) }
        Timestamp.append(milliseconds, to: &self.bytes)
        if quote { self.bytes.append(.quote) }
        add("level", level.name)
        add("msg", message)
    }

    /// Adds a field with a text; `name` is one of ours and is not escaped.
    package mutating func add(_ name: String, _ value: String) {
        appendField(name) { line in line.append(text: value) }
    }

    /// Adds a field with bytes that a client chose; what is not UTF-8 is shown as U+FFFD.
    package mutating func add(_ name: String, utf8 value: ArraySlice<UInt8>) {
        add(name, String(decoding: value.prefix(Self.valueSizeMax + 1), as: UTF8.self))
    }

    package mutating func add(_ name: String, _ value: Int) {
        appendField(name) { line in line.bytes.append(decimal: Int64(value)) }
    }

    package mutating func add(_ name: String, _ value: UInt64) {
        appendField(name) { line in line.bytes.append(decimal: value) }
    }

    package mutating func add(_ name: String, _ value: Bool) {
        appendField(name) { line in line.bytes.append(value ? "true" : "false") }
    }

    /// Adds a span of time in seconds with microseconds, under a name that says so.
    package mutating func add(_ name: String, nanoseconds: UInt64) {
        appendField(name) { line in
            line.bytes.append(decimal: nanoseconds / 1_000_000_000)
            line.bytes.append(UInt8(ascii: "."))
            line.bytes.append(decimal: nanoseconds / 1_000 % 1_000_000, digits: 6)
        }
    }

    consuming func finish() -> [UInt8] {
        if isTruncated {
            appendKey("truncated", isFirst: false)
            bytes.append("true")
        }
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(.lf)
        assert(bytes.count - start <= Self.sizeMax)
        return bytes
    }

    /// Writes a field whole, or leaves it out and says so at the end of the line.
    private mutating func appendField(_ name: String, _ write: (inout LogLine) -> Void) {
        assert(name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") })
        let before = bytes.count
        appendKey(name, isFirst: false)
        write(&self)
        if bytes.count - start <= Self.sizeMax - Self.truncationSize { return }
        bytes.removeLast(bytes.count - before)
        isTruncated = true
    }

    private mutating func appendKey(_ name: String, isFirst: Bool) {
        switch format {
        case .logfmt:
            if !isFirst { bytes.append(.space) }
            bytes.append(name)
            bytes.append(UInt8(ascii: "="))
        case .json:
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            bytes.append(.quote)
            bytes.append(name)
            bytes.append("\":")
        }
    }

    private mutating func append(text: String) {
        let isPlain =
            format == .logfmt && text.isPlainLogValue
            && text.utf8.count <= Self.valueSizeMax
        if !isPlain { bytes.append(.quote) }
        let first = bytes.count
        bytes.append(contentsOf: text.utf8.prefix(Self.valueSizeMax))
        if text.utf8.count > Self.valueSizeMax {
            bytes.dropPartialCharacter()
            bytes.append("…")
        }
        if isPlain { return }
        bytes.escapeLogText(from: first)
        bytes.append(.quote)
    }
}

extension String {
    /// Whether logfmt readers take the value without quotes.
    fileprivate var isPlainLogValue: Bool {
        !utf8.isEmpty
            && utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && byte != .quote && byte != .backslash
                    && byte != UInt8(ascii: "=")
            }
    }
}

extension [UInt8] {
    /// Escapes as JSON does, and DEL, C1 controls and line separators too: some terminals and
    /// log readers act on them.
    fileprivate mutating func escapeLogText(from start: Int) {
        escapeJSON(from: start)
        guard self[start...].contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else {
            return
        }
        let text = String(decoding: self[start...], as: UTF8.self)
        removeLast(count - start)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
                append("\\u")
                for shift in stride(from: 12, through: 0, by: -4) {
                    append(UInt8(hexDigit: UInt8(truncatingIfNeeded: scalar.value >> shift & 15)))
                }
            default: append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    /// Takes away the bytes of a character that was cut short at the end.
    fileprivate mutating func dropPartialCharacter() {
        var back = 1
        while back <= 4, back <= count, self[count - back] & 0xC0 == 0x80 { back += 1 }
        if back <= count, self[count - back] >= 0xC0 { removeLast(back) }
    }
}
