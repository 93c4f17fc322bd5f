// One condition: a name, what is asked of it, and values.

internal import Bytes

extension FilterParser {
    mutating func condition(
        _ isNegated: Bool, _ text: Span<UInt8>
    ) throws(FilterError) -> FilterTree {
        guard lexer.token == .word else { throw expected(.condition, text) }
        guard terms.count < FilterLimits.termsMax else {
            throw error(.tooManyTerms(limit: FilterLimits.termsMax), text)
        }
        var term: FilterTerm
        if let call = try call(text) {
            term = call
        } else {
            term = try comparison(try subject(.condition, text), text)
        }
        if isNegated { term.isNegated.toggle() }
        terms.append(term)
        return .term(terms.count - 1)
    }

    /// The function in hand; nil if there is none.
    private mutating func call(_ text: Span<UInt8>) throws(FilterError) -> FilterTerm? {
        let name = lexer.range
        guard !text.isReserved(name) else { return nil }
        var next = lexer
        try next.advance(text)
        guard next.token == .open else { return nil }
        let isPrefix = text.isWord("prefix", name)
        guard isPrefix || text.isWord("exists", name) else {
            throw error(.unknownFunction, text)
        }
        lexer = next
        try lexer.advance(text)
        let place = lexer.range.lowerBound
        let subject = try subject(.name, text)
        if subject == .time { throw FilterError(.notAboutTime, at: place, of: text) }
        let start = values.count
        if isPrefix {
            try pass(.comma, .comma, text)
            guard lexer.token == .text else { throw expected(.text, text) }
            values.append(.text(try keepText(text)))
            try lexer.advance(text)
        }
        try pass(.close, .endOfArguments, text)
        return FilterTerm(
            subject: subject, test: isPrefix ? .prefix : .exists, values: start..<values.count,
            isNegated: false)
    }

    private mutating func subject(
        _ expectation: FilterExpectation, _ text: Span<UInt8>
    ) throws(FilterError) -> FilterSubject {
        guard lexer.token == .word else { throw expected(expectation, text) }
        let word = lexer
        if isWord("key", text) || isWord("time", text) {
            try lexer.advance(text)
            return text.isWord("key", word.range) ? .key : .time
        }
        guard !text.isReserved(word.range) else { throw expected(expectation, text) }
        try lexer.advance(text)
        if lexer.token == .openBracket, text.isWord("attr", word.range) {
            return .attribute(try quotedName(text))
        }
        let limit = RecordLimits.attributeNameSizeMax
        guard word.range.count <= limit else {
            throw FilterError(.nameTooLong(limit: limit), at: word.range.lowerBound, of: text)
        }
        return .attribute(keep(word.range, text))
    }

    /// A name in brackets.
    private mutating func quotedName(_ text: Span<UInt8>) throws(FilterError) -> Range<Int> {
        try lexer.advance(text)
        guard lexer.token == .text else { throw expected(.text, text) }
        let name = try keepText(text)
        guard !name.isEmpty else { throw error(.emptyName, text) }
        let limit = RecordLimits.attributeNameSizeMax
        guard name.count <= limit else { throw error(.nameTooLong(limit: limit), text) }
        try lexer.advance(text)
        try pass(.closeBracket, .endOfName, text)
        return name
    }

    private mutating func comparison(
        _ subject: FilterSubject, _ text: Span<UInt8>
    ) throws(FilterError) -> FilterTerm {
        let start = values.count
        var isNegated = lexer.token == .unequal
        var test = FilterTest.list
        if let comparison = lexer.token.comparison {
            test = .compare(comparison)
            try lexer.advance(text)
            try value(of: subject, text)
        } else {
            if isWord("not", text) {
                isNegated = true
                try lexer.advance(text)
                guard isWord("in", text) else { throw expected(.in, text) }
            }
            guard isWord("in", text) else { throw expected(.comparison, text) }
            try lexer.advance(text)
            try list(of: subject, text)
            // Behind this one `=` and `in` are told apart no more.
            if values.count == start + 1 { test = .compare(.equal) }
        }
        return FilterTerm(
            subject: subject, test: test, values: start..<values.count, isNegated: isNegated)
    }

    private mutating func list(
        of subject: FilterSubject, _ text: Span<UInt8>
    ) throws(FilterError) {
        try pass(.open, .parenthesis, text)
        let start = values.count
        var count = 0
        while true {
            guard count < FilterLimits.listMax else {
                throw error(.listTooLong(limit: FilterLimits.listMax), text)
            }
            count += 1
            try value(of: subject, text)
            if lexer.token == .close { break }
            try pass(.comma, .nextOfList, text)
        }
        try lexer.advance(text)
        sortValues(from: start)
    }

    private mutating func value(
        of subject: FilterSubject, _ text: Span<UInt8>
    ) throws(FilterError) {
        switch (subject, lexer.token) {
        case (.time, .text): values.append(.time(try time(text)))
        case (.time, _): throw expected(.time, text)
        case (_, .text): values.append(.text(try keepText(text)))
        case (_, .number): values.append(.number(try number(text)))
        default: throw expected(.value, text)
        }
        try lexer.advance(text)
    }
}

extension FilterToken {
    fileprivate var comparison: FilterComparison? {
        switch self {
        case .equal, .unequal: .equal
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .word, .number, .text, .open, .close, .openBracket, .closeBracket, .comma, .end: nil
        }
    }
}

extension Span<UInt8> {
    /// Whether the word in `range` is never the name of an attribute.
    func isReserved(_ range: Range<Int>) -> Bool {
        ["and", "or", "not", "in", "key", "time"].contains { isWord($0, range) }
    }
}
