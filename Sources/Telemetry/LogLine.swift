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
        self.bytes.append(timestamp: milliseconds)
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

    /// Appends `2026-11-21T09:17:46.123Z` (RFC 3339).
    fileprivate mutating func append(timestamp milliseconds: Int64) {
        let (days, ofDay) = milliseconds.flooredDivision(by: 86_400_000)
        let date = civilDate(days: days)
        append(decimal: UInt64(date.year), digits: 4)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(date.month), digits: 2)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(date.day), digits: 2)
        append(UInt8(ascii: "T"))
        append(decimal: UInt64(ofDay / 3_600_000), digits: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(ofDay / 60_000 % 60), digits: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(ofDay / 1_000 % 60), digits: 2)
        append(UInt8(ascii: "."))
        append(decimal: UInt64(ofDay % 1_000), digits: 3)
        append(UInt8(ascii: "Z"))
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// The date of a day counted from 1970-01-01, by the era of 400 years it lies in.
private func civilDate(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153  // 0 is March, so that the leap day comes last.
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}
