// Cuts the text of a filter into words, numbers, texts and signs. It holds places and never bytes.

internal import Bytes

enum FilterToken: Equatable, Sendable {
    case word, number, text
    case open, close, openBracket, closeBracket, comma
    case equal, unequal, less, lessOrEqual, greater, greaterOrEqual
    case end
}

/// A walk over the tokens of a text, one of which is always in hand.
struct FilterLexer: Sendable {
    private(set) var token = FilterToken.end
    /// Where the token is, with its quotes.
    private(set) var range = 0..<0
    private var place = 0

    /// Takes the next token in hand; the text is UTF-8.
    mutating func advance(_ text: Span<UInt8>) throws(FilterError) {
        while place < text.count, text[place].isFilterSpace { place += 1 }
        let start = place
        guard place < text.count else {
            (token, range) = (.end, start..<start)
            return
        }
        switch text[place] {
        case .quote, UInt8(ascii: "'"): token = try quoted(text)
        case UInt8(ascii: "-"): token = run(.number, text)
        case let byte where byte.isDigit: token = run(.number, text)
        case let byte where byte.isLetter || byte == UInt8(ascii: "_"): token = run(.word, text)
        default: token = try sign(text)
        }
        range = start..<place
    }

    /// A number reaches to where a word would end, so that `2fa` is one mistake and not two tokens.
    private mutating func run(_ token: FilterToken, _ text: Span<UInt8>) -> FilterToken {
        repeat {
            let isExponent = token == .number && text[place] | 0x20 == UInt8(ascii: "e")
            place += 1
            if isExponent, place < text.count, text[place] == UInt8(ascii: "+") { place += 1 }
        } while place < text.count && text[place].isFilterWord
        return token
    }

    private mutating func quoted(_ text: Span<UInt8>) throws(FilterError) -> FilterToken {
        let start = place
        let quote = text[start]
        place += 1
        while place < text.count, text[place] != quote {
            guard !text[place].isControl else {
                throw FilterError(.controlCharacter, at: place, of: text)
            }
            place += text[place] == .backslash ? 2 : 1
        }
        guard place < text.count else { throw FilterError(.openText, at: start, of: text) }
        place += 1
        return .text
    }

    private mutating func sign(_ text: Span<UInt8>) throws(FilterError) -> FilterToken {
        let start = place
        place += 1
        switch text[start] {
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: "["): return .openBracket
        case UInt8(ascii: "]"): return .closeBracket
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: "="):
            if take("=", text) { throw FilterError(.useInstead(.equal), at: start, of: text) }
            return .equal
        case UInt8(ascii: "<"):
            if take(">", text) { throw FilterError(.useInstead(.unequal), at: start, of: text) }
            return take("=", text) ? .lessOrEqual : .less
        case UInt8(ascii: ">"): return take("=", text) ? .greaterOrEqual : .greater
        case UInt8(ascii: "!"):
            if take("=", text) { return .unequal }
            throw FilterError(.useInstead(.not), at: start, of: text)
        case UInt8(ascii: "&"): throw FilterError(.useInstead(.and), at: start, of: text)
        case UInt8(ascii: "|"): throw FilterError(.useInstead(.or), at: start, of: text)
        default: throw FilterError(.unexpectedCharacter, at: start, of: text)
        }
    }

    private mutating func take(_ letter: Unicode.Scalar, _ text: Span<UInt8>) -> Bool {
        guard place < text.count, text[place] == UInt8(ascii: letter) else { return false }
        place += 1
        return true
    }
}

extension UInt8 {
    fileprivate var isFilterSpace: Bool {
        self == .space || self == .tab || self == .lf || self == .cr
    }

    /// Whether a word may go on with it.
    var isFilterWord: Bool {
        isLetter || isDigit || self == UInt8(ascii: ".") || self == UInt8(ascii: "_")
            || self == UInt8(ascii: "-")
    }
}
