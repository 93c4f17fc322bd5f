// The inside of strings and numbers: what may stand there, and what it stands for.

/// Finds the closing quote of a string, checking every byte on the way.
struct JSONStringScan {
    private(set) var position: Int
    private(set) var hasEscapes = false
    private let end: Int

    /// `position` is the first byte behind the opening quote.
    init(from position: Int, to end: Int) {
        self.position = position
        self.end = end
    }

    /// Stops at the closing quote.
    mutating func run(_ input: Span<UInt8>) throws(JSONError) {
        while true {
            position = input.endOfPlainJSON(from: position, to: end, stopsAtNonASCII: true)
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            switch input[position] {
            case .quote: return
            case .backslash: try escape(input)
            case 0x80...: try character(input)
            default: throw JSONError(.controlCharacter, at: position)
            }
        }
    }

    private mutating func escape(_ input: Span<UInt8>) throws(JSONError) {
        hasEscapes = true
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        switch input[position + 1] {
        case .quote, .backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position &+= 2
        case UInt8(ascii: "u"): try unicodeEscape(input)
        default: throw JSONError(.badEscape, at: position)
        }
    }

    private mutating func unicodeEscape(_ input: Span<UInt8>) throws(JSONError) {
        let unit = try codeUnit(input, at: position)
        if UTF16.isTrailSurrogate(unit) { throw JSONError(.loneSurrogate, at: position) }
        if UTF16.isLeadSurrogate(unit) {
            let next = position + 6
            guard next < end else { throw JSONError(.unexpectedEnd, at: end) }
            guard input[next] == .backslash, next + 1 >= end || input[next + 1] == UInt8(ascii: "u")
            else { throw JSONError(.loneSurrogate, at: position) }
            guard UTF16.isTrailSurrogate(try codeUnit(input, at: next)) else {
                throw JSONError(.loneSurrogate, at: position)
            }
            position = next
        }
        position += 6
    }

    /// The value of `\uXXXX` at `start`.
    private func codeUnit(_ input: Span<UInt8>, at start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for index in start + 2..<start + 6 {
            guard index < end else { throw JSONError(.unexpectedEnd, at: end) }
            guard let digit = input[index].hexDigit else { throw JSONError(.badEscape, at: start) }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Passes over one character of two to four bytes (the table 3-7 of the Unicode standard).
    private mutating func character(_ input: Span<UInt8>) throws(JSONError) {
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch input[position] {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: count = 4
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: throw JSONError(.badUTF8, at: position)
        }
        for index in 1..<count {
            guard position + index < end else { throw JSONError(.unexpectedEnd, at: end) }
            let range = index == 1 ? second : 0x80...0xBF
            guard range ~= input[position + index] else { throw JSONError(.badUTF8, at: position) }
        }
        position += count
    }
}

/// Finds the end of a number.
struct JSONNumberScan {
    private(set) var position: Int
    private(set) var isInteger = true
    private let end: Int

    init(from position: Int, to end: Int) {
        self.position = position
        self.end = end
    }

    mutating func run(_ input: Span<UInt8>) throws(JSONError) {
        if input[position] == UInt8(ascii: "-") { position &+= 1 }
        if position < end, input[position] == UInt8(ascii: "0") {
            position += 1
            if position < end, input[position].isDigit { throw JSONError(.badNumber, at: position) }
        } else {
            try digits(input)
        }
        if position < end, input[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits(input)
        }
        if position < end, input[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < end,
                input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits(input)
        }
    }

    private mutating func digits(_ input: Span<UInt8>) throws(JSONError) {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard input[position].isDigit else { throw JSONError(.badNumber, at: position) }
        while position < end, input[position].isDigit { position &+= 1 }
    }
}

extension JSONReader {
    /// Whether the key or string is `name`, which is compared without unescaping: a key that is
    /// written with escapes is none that anyone writes, and equals nothing here.
    package func textIs(_ name: String, _ input: Span<UInt8>) -> Bool {
        guard !hasEscapes, text.count == name.utf8.count else { return false }
        return zip(text, name.utf8).allSatisfy { input[$0] == $1 }
    }

    /// The number, if it is an integer that fits; also as `7.0`, which to a schema is one.
    package func integer(_ input: Span<UInt8>) -> Int64? {
        guard let digits = wholeDigits(input) else { return nil }
        let isNegative = input[digits.lowerBound] == UInt8(ascii: "-")
        var value: Int64 = 0
        for index in digits.dropFirst(isNegative ? 1 : 0) {
            let digit = Int64(input[index] & 15)
            let (tens, hasWrapped) = value.multipliedReportingOverflow(by: 10)
            let (next, hasCarried) =
                isNegative
                ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            if hasWrapped || hasCarried { return nil }
            value = next
        }
        return value
    }

    /// What stands before the point of a number with nothing but zeros behind it.
    private func wholeDigits(_ input: Span<UInt8>) -> Range<Int>? {
        if isInteger { return text }
        guard let point = text.first(where: { input[$0] == UInt8(ascii: ".") }),
            (point + 1..<text.upperBound).allSatisfy({ input[$0] == UInt8(ascii: "0") })
        else { return nil }
        return text.lowerBound..<point
    }

    /// Appends what the key or string stands for, in UTF-8, to `output`; `input` is the array whose
    /// span was read.
    package func appendText(of input: [UInt8], to output: inout [UInt8]) {
        if !hasEscapes { return output.append(contentsOf: input[text]) }
        output.append(unescapingJSON: input[text])
    }
}

extension [UInt8] {
    /// Appends the inside of a JSON string that a reader has checked.
    package mutating func append(unescapingJSON text: ArraySlice<UInt8>) {
        var rest = text
        while let backslash = rest.firstIndex(of: .backslash) {
            append(contentsOf: rest[..<backslash])
            rest = rest[(backslash + 1)...]
            append(jsonEscape: &rest)
        }
        append(contentsOf: rest)
    }

    /// Appends what one escape stands for; `rest` begins behind its backslash.
    private mutating func append(jsonEscape rest: inout ArraySlice<UInt8>) {
        guard let letter = rest.popFirst() else { preconditionFailure("an escape is whole") }
        switch letter {
        case UInt8(ascii: "b"): append(0x08)
        case UInt8(ascii: "f"): append(0x0C)
        case UInt8(ascii: "n"): append(.lf)
        case UInt8(ascii: "r"): append(.cr)
        case UInt8(ascii: "t"): append(.tab)
        case UInt8(ascii: "u"): append(unicodeEscape: &rest)
        default: append(letter)
        }
    }

    private mutating func append(unicodeEscape rest: inout ArraySlice<UInt8>) {
        var value = rest.removeHexDigits()
        if value & 0xFC00 == 0xD800 {
            rest = rest.dropFirst(2)
            value = 0x10000 + (value & 0x3FF) << 10 + (rest.removeHexDigits() & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(value), let bytes = UTF8.encode(scalar) else {
            preconditionFailure("surrogates come in pairs")
        }
        append(contentsOf: bytes)
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func removeHexDigits() -> UInt32 {
        let value = prefix(4).reduce(0) { $0 << 4 | UInt32($1.hexDigit ?? 0) }
        removeFirst(4)
        return value
    }
}
