/// Why a text is no filter, and where.
package struct FilterError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        case expected(FilterExpectation)
        case unexpectedCharacter
        /// The text ends inside of its quotes.
        case openText
        case controlCharacter
        case badEscape
        case badNumber
        case badTime
        /// The function, or the operator, is another's.
        case unknownFunction
        case useInstead(FilterSpelling)
        case notAboutTime
        case notUTF8
        case emptyName
        case nameTooLong(limit: Int)
        case tooLong(limit: Int)
        case tooDeep(limit: Int)
        case tooManyTerms(limit: Int)
        case listTooLong(limit: Int)
    }

    package let reason: Reason
    /// The offset of the byte from which on it cannot be a filter.
    package let position: Int
    /// The number of the character that begins there; the first one is 1.
    package let character: Int

    init(_ reason: Reason, at position: Int, of text: Span<UInt8>) {
        self.reason = reason
        self.position = position
        var character = 1
        for index in 0..<position where text[index] & 0xC0 != 0x80 { character += 1 }
        self.character = character
    }
}

/// What could have been there.
package enum FilterExpectation: Equatable, Sendable {
    case condition, comparison, value, text, time, name, `in`, parenthesis, endOfName, comma
    case endOfArguments, nextOfList, endOfGroup, nextCondition
}

/// What has another spelling in other languages.
package enum FilterSpelling: String, Equatable, Sendable {
    case equal = "="
    case unequal = "!="
    case and, or, not
}

extension FilterError {
    /// What a person reads.
    package var message: String { "at character \(character): \(reason.words)" }
}

extension FilterError.Reason {
    fileprivate var words: String {
        switch self {
        case .expected(let expectation): "expected \(expectation.words)"
        case .unexpectedCharacter: "this character is of no use outside of quotes"
        case .openText: "the closing quote is missing"
        case .controlCharacter: "a control character has to be escaped, as \\n or \\u{1}"
        case .badEscape: "expected one of the escapes \\\" \\' \\\\ \\n \\r \\t \\u{e9}"
        case .badNumber:
            "not a number; a text is written \"2fa\", and a name like this attr[\"2fa\"]"
        case .badTime: "expected a time such as \"2026-11-21T09:17:46.123Z\""
        case .unknownFunction: "there is no such function, only exists(…) and prefix(…, \"…\")"
        case .useInstead(let spelling): "write \(spelling.rawValue) instead"
        case .notAboutTime: "every message has a time; compare it, or use in"
        case .notUTF8: "not UTF-8"
        case .emptyName: "a name has at least one character"
        case .nameTooLong(let limit): "a name has at most \(limit) bytes"
        case .tooLong(let limit): "a filter has at most \(limit) bytes"
        case .tooDeep(let limit): "at most \(limit) parentheses inside of each other"
        case .tooManyTerms(let limit): "a filter has at most \(limit) conditions"
        case .listTooLong(let limit): "a list has at most \(limit) values"
        }
    }
}

extension FilterExpectation {
    fileprivate var words: String {
        switch self {
        case .condition: "a condition, such as region = \"eu\" or exists(region)"
        case .comparison: "one of = != < <= > >= in, not in"
        case .value: "a value: a number, or a text in quotes"
        case .text: "a text in quotes"
        case .time: "a time in quotes, such as \"2026-11-21T09:17:46.123Z\""
        case .name: "a name, key, or attr[\"…\"]"
        case .in: "in, as in: not in (…)"
        case .parenthesis: "a parenthesis, ("
        case .endOfName: "a bracket, ]"
        case .comma: "a comma"
        case .endOfArguments: "a parenthesis, )"
        case .nextOfList: "a comma, or a parenthesis, )"
        case .endOfGroup: "and, or, or a parenthesis, )"
        case .nextCondition: "and, or, or the end"
        }
    }
}
