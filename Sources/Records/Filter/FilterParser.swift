// Reads the text of a filter from left to right, once. It calls itself for what is in parentheses,
// to a bound. `not` never becomes a part of the tree: it turns conditions round, and `and` and `or`
// with them, so that what means the same in this way is the same.

internal import Bytes

/// A reading of one text.
struct FilterParser {
    let bounds: FilterBounds
    var lexer = FilterLexer()
    /// What the conditions point into: names, texts and the digits of numbers.
    var constants: [UInt8] = []
    var values: [FilterValue] = []
    var terms: [FilterTerm] = []
    private var depth = 0

    init(_ bounds: FilterBounds) {
        self.bounds = bounds
    }

    /// Reads all of `text`.
    mutating func read(_ text: Span<UInt8>) throws(FilterError) -> FilterTree {
        try checkText(text)
        try lexer.advance(text)
        let tree = try either(false, text)
        guard lexer.token == .end else { throw expected(afterCondition, text) }
        return tree
    }

    private func checkText(_ text: Span<UInt8>) throws(FilterError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: text)
        } catch {
            throw FilterError(.notUTF8, at: error.byteOffsets.lowerBound, of: text)
        }
        guard text.count > bounds.textSize else { return }
        var end = bounds.textSize
        while text[end] & 0xC0 == 0x80 { end -= 1 }
        throw FilterError(.tooLong(limit: bounds.textSize), at: end, of: text)
    }

    private mutating func either(
        _ isNegated: Bool, _ text: Span<UInt8>
    ) throws(FilterError) -> FilterTree {
        var parts = [try both(isNegated, text)]
        while isWord("or", text) {
            try lexer.advance(text)
            parts.append(try both(isNegated, text))
        }
        return isNegated ? .all(of: parts) : .any(of: parts)
    }

    private mutating func both(
        _ isNegated: Bool, _ text: Span<UInt8>
    ) throws(FilterError) -> FilterTree {
        var parts = [try single(isNegated, text)]
        while isWord("and", text) {
            try lexer.advance(text)
            parts.append(try single(isNegated, text))
        }
        return isNegated ? .any(of: parts) : .all(of: parts)
    }

    private mutating func single(
        _ isNegated: Bool, _ text: Span<UInt8>
    ) throws(FilterError) -> FilterTree {
        var isNegated = isNegated
        while isWord("not", text) {
            try lexer.advance(text)
            isNegated.toggle()
        }
        guard lexer.token == .open else { return try condition(isNegated, text) }
        guard depth < FilterLimits.depthMax else {
            throw error(.tooDeep(limit: FilterLimits.depthMax), text)
        }
        depth += 1
        try lexer.advance(text)
        let tree = try either(isNegated, text)
        try pass(.close, .endOfGroup, text)
        depth -= 1
        return tree
    }

    private var afterCondition: FilterExpectation { depth == 0 ? .nextCondition : .endOfGroup }
}

extension FilterParser {
    /// Whether the token in hand is `word`, in whatever case.
    func isWord(_ word: String, _ text: Span<UInt8>) -> Bool {
        lexer.token == .word && text.isWord(word, lexer.range)
    }

    /// Passes over a token that has to be there.
    mutating func pass(
        _ token: FilterToken, _ expectation: FilterExpectation, _ text: Span<UInt8>
    ) throws(FilterError) {
        guard lexer.token == token else { throw expected(expectation, text) }
        try lexer.advance(text)
    }

    func expected(_ expectation: FilterExpectation, _ text: Span<UInt8>) -> FilterError {
        error(.expected(expectation), text)
    }

    /// An error at the token in hand.
    func error(_ reason: FilterError.Reason, _ text: Span<UInt8>) -> FilterError {
        FilterError(reason, at: lexer.range.lowerBound, of: text)
    }
}

extension FilterTree {
    /// All of `parts`, without a level for one, nor for those that are such a level.
    fileprivate static func all(of parts: [FilterTree]) -> FilterTree {
        if parts.count == 1 { return parts[0] }
        return .all(
            parts.flatMap { part in
                if case .all(let inner) = part { inner } else { [part] }
            })
    }

    fileprivate static func any(of parts: [FilterTree]) -> FilterTree {
        if parts.count == 1 { return parts[0] }
        return .any(
            parts.flatMap { part in
                if case .any(let inner) = part { inner } else { [part] }
            })
    }
}

extension Span<UInt8> {
    /// Whether the bytes in `range` are `word`, which is small, in whatever case.
    func isWord(_ word: String, _ range: Range<Int>) -> Bool {
        let letters = word.utf8.span
        guard letters.count == range.count else { return false }
        for index in 0..<letters.count
        where self[range.lowerBound + index].lowercased != letters[index] {
            return false
        }
        return true
    }
}
