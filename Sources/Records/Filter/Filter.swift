// Which records a client wants, by key, attributes and time, as docs/filters.md has it. A filter is
// read once and then asked about records where they lie; asking allocates nothing, and everyone who
// asks about the same record hears the same.

internal import Bytes

/// A condition on records.
package struct Filter: Sendable {
    /// What the conditions point into.
    let constants: [UInt8]
    let values: [FilterValue]
    /// In the order in which they are asked; the way through them goes only forward.
    let terms: [FilterTerm]
    let tree: FilterTree
    /// The bits that the attribute mask of a record has if the filter matches it.
    ///
    /// A record that lacks one is not worth being decompressed. There are none if nothing is certain.
    package let requiredBits: UInt32

    /// Reads what a client wrote.
    package init(parsing text: Span<UInt8>) throws(FilterError) {
        try self.init(text, .client)
    }

    /// Reads a `description`, which may be larger than what it came from.
    package init(canonical text: Span<UInt8>) throws(FilterError) {
        try self.init(text, .canonical)
    }

    private init(_ text: Span<UInt8>, _ bounds: FilterBounds) throws(FilterError) {
        var parser = FilterParser(bounds)
        let tree = try parser.read(text)
        let count = parser.terms.count
        parser.terms.lead(tree, onTrue: count, onFalse: count + 1)
        self.tree = tree
        constants = parser.constants
        values = parser.values
        terms = parser.terms
        requiredBits = parser.requiredBits(tree)
    }
}

extension Filter {
    /// Whether the filter takes `record`, whose parts are in `bytes`.
    package func matches(_ record: RecordView, in bytes: Span<UInt8>) -> Bool {
        matches(key: record.key, attributes: record.attributes, time: record.time, in: bytes)
    }

    /// Whether the filter takes a record with these parts, which are in `bytes`.
    package func matches(
        key: Range<Int>?, attributes: AttributeCursor, time: UInt64, in bytes: Span<UInt8>
    ) -> Bool {
        var index = 0
        while index < terms.count {
            let term = terms[index]
            let holds: Bool
            switch term.subject {
            case .time: holds = self.holds(term, at: Int64(clamping: time))
            case .key: holds = self.holds(term, key, bytes)
            case .attribute(let name):
                holds = self.holds(term, value(of: name, attributes, bytes), bytes)
            }
            index = holds != term.isNegated ? term.onTrue : term.onFalse
        }
        return index == terms.count
    }

    /// The first attribute of a name.
    private func value(
        of name: Range<Int>, _ attributes: AttributeCursor, _ bytes: Span<UInt8>
    ) -> Range<Int>? {
        var attributes = attributes
        while let (other, value) = attributes.next(in: bytes) {
            if other.count == name.count, bytes.hasPrefix(other, constants.span, name) {
                return value
            }
        }
        return nil
    }

    private func holds(_ term: FilterTerm, at time: Int64) -> Bool {
        for value in term.values {
            guard case .time(let other) = values[value] else { continue }
            let order = time < other ? -1 : time == other ? 0 : 1
            if term.comparison.holds(order) { return true }
        }
        return false
    }

    private func holds(_ term: FilterTerm, _ part: Range<Int>?, _ bytes: Span<UInt8>) -> Bool {
        guard let part else { return false }
        if term.test == .exists { return true }
        // What the part is as a number is found once, and only if it is asked for.
        var number: Decimal??
        for value in term.values {
            switch values[value] {
            case .text(let text):
                if holds(term, part, text, bytes) { return true }
            case .number(let other):
                let found = number ?? Decimal(bytes, in: part)
                number = .some(found)
                guard let found else { continue }
                if term.comparison.holds(found.order(bytes, other, constants.span)) { return true }
            case .time: continue
            }
        }
        return false
    }

    private func holds(
        _ term: FilterTerm, _ part: Range<Int>, _ text: Range<Int>, _ bytes: Span<UInt8>
    ) -> Bool {
        if term.test == .prefix { return bytes.hasPrefix(part, constants.span, text) }
        if term.comparison == .equal, part.count != text.count { return false }
        return term.comparison.holds(bytes.order(part, constants.span, text))
    }
}

extension FilterTerm {
    /// What has to hold for one of the values.
    fileprivate var comparison: FilterComparison {
        if case .compare(let comparison) = test { comparison } else { .equal }
    }
}

extension [FilterTerm] {
    /// Lays the way through the conditions of `tree`: what comes next if it is true, and if not.
    fileprivate mutating func lead(_ tree: FilterTree, onTrue: Int, onFalse: Int) {
        switch tree {
        case .term(let index):
            self[index].onTrue = onTrue
            self[index].onFalse = onFalse
        case .all(let parts):
            for (number, part) in parts.enumerated() {
                let next = number + 1 < parts.count ? parts[number + 1].first : onTrue
                lead(part, onTrue: next, onFalse: onFalse)
            }
        case .any(let parts):
            for (number, part) in parts.enumerated() {
                let next = number + 1 < parts.count ? parts[number + 1].first : onFalse
                lead(part, onTrue: onTrue, onFalse: next)
            }
        }
    }
}

extension FilterParser {
    /// The bits that every record has for which `tree` is true.
    fileprivate func requiredBits(_ tree: FilterTree) -> UInt32 {
        switch tree {
        case .term(let index): requiredBits(terms[index])
        case .all(let parts): parts.reduce(0) { $0 | requiredBits($1) }
        case .any(let parts): parts.reduce(.max) { $0 & requiredBits($1) }
        }
    }

    private func requiredBits(_ term: FilterTerm) -> UInt32 {
        guard case .attribute(let name) = term.subject, !term.isNegated else { return 0 }
        guard term.test == .list || term.test == .compare(.equal) else { return 0 }
        return values[term.values].reduce(.max) { bits, value in
            guard case .text(let text) = value else { return 0 }
            let (names, texts) = (constants[name], constants[text])
            return bits & attributeBits(names.span, texts.span)
        }
    }
}
