// The one text of a filter: what means the same but for spaces, quotes, parentheses, double
// negations, notations of numbers and the order of a list has the same text.

internal import Bytes

extension Filter: Equatable, Hashable, CustomStringConvertible {
    package static func == (one: Filter, other: Filter) -> Bool {
        one.description == other.description
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }

    /// The canonical text, which reads as the same filter.
    package var description: String {
        var text: [UInt8] = []
        append(tree, isInner: false, to: &text)
        assert(text.count <= FilterLimits.canonicalSizeMax)
        return String(decoding: text, as: UTF8.self)
    }

    /// `isInner` is whether an `or` needs parentheses.
    private func append(_ tree: FilterTree, isInner: Bool, to text: inout [UInt8]) {
        switch tree {
        case .term(let index): append(terms[index], to: &text)
        case .all(let parts):
            for (number, part) in parts.enumerated() {
                if number > 0 { text.append(" and ") }
                append(part, isInner: true, to: &text)
            }
        case .any(let parts):
            if isInner { text.append("(") }
            for (number, part) in parts.enumerated() {
                if number > 0 { text.append(" or ") }
                append(part, isInner: false, to: &text)
            }
            if isInner { text.append(")") }
        }
    }

    private func append(_ term: FilterTerm, to text: inout [UInt8]) {
        switch term.test {
        case .exists, .prefix:
            if term.isNegated { text.append("not ") }
            text.append(term.test == .exists ? "exists(" : "prefix(")
            append(term.subject, to: &text)
            for value in term.values {
                text.append(", ")
                append(values[value], to: &text)
            }
            text.append(")")
        case .list:
            append(term.subject, to: &text)
            text.append(term.isNegated ? " not in (" : " in (")
            for value in term.values {
                if value > term.values.lowerBound { text.append(", ") }
                append(values[value], to: &text)
            }
            text.append(")")
        case .compare(let comparison):
            let isUnequal = term.isNegated && comparison == .equal
            if term.isNegated, !isUnequal { text.append("not ") }
            append(term.subject, to: &text)
            text.append(isUnequal ? " != " : comparison.sign)
            append(values[term.values.lowerBound], to: &text)
        }
    }

    private func append(_ subject: FilterSubject, to text: inout [UInt8]) {
        switch subject {
        case .key: text.append("key")
        case .time: text.append("time")
        case .attribute(let name):
            if isWord(name) { return text.append(contentsOf: constants[name]) }
            text.append("attr[")
            text.append(quoted: constants[name])
            text.append("]")
        }
    }

    /// Whether a name needs no quotes.
    private func isWord(_ name: Range<Int>) -> Bool {
        let first = constants[name.lowerBound]
        return (first.isLetter || first == UInt8(ascii: "_"))
            && constants[name].allSatisfy(\.isFilterWord) && !constants.span.isReserved(name)
    }

    private func append(_ value: FilterValue, to text: inout [UInt8]) {
        switch value {
        case .text(let range): text.append(quoted: constants[range])
        case .number(let number): number.append(constants.span, to: &text)
        case .time(let time):
            text.append(.quote)
            Timestamp.append(time, to: &text)
            text.append(.quote)
        }
    }
}

extension FilterComparison {
    fileprivate var sign: String {
        switch self {
        case .equal: " = "
        case .less: " < "
        case .lessOrEqual: " <= "
        case .greater: " > "
        case .greaterOrEqual: " >= "
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(quoted content: ArraySlice<UInt8>) {
        append(.quote)
        for byte in content {
            switch byte {
            case .quote, .backslash: append(contentsOf: [.backslash, byte])
            case .lf: append("\\n")
            case .cr: append("\\r")
            case .tab: append("\\t")
            case _ where byte.isControl: append(control: byte)
            default: append(byte)
            }
        }
        append(.quote)
    }

    private mutating func append(control byte: UInt8) {
        append("\\u{")
        if byte > 15 { append(UInt8(hexDigit: byte >> 4)) }
        append(UInt8(hexDigit: byte & 15))
        append("}")
    }
}
