/// How large a filter may be, as docs/filters.md lists it.
package enum FilterLimits {
    /// Of what a client writes.
    package static let textSizeMax = 4 << 10
    /// Of the canonical text, which has spaces, escapes and digits that the client's had not.
    package static let canonicalSizeMax = 4 * textSizeMax
    /// Parentheses inside of parentheses.
    package static let depthMax = 32
    /// Conditions.
    package static let termsMax = 100
    /// Values of one `in`.
    package static let listMax = 100
    /// Of a number, in the filter and in an attribute.
    package static let numberSizeMax = 100
    package static let exponentDigitsMax = 6
}

/// The bounds that a text of a filter has by who wrote it.
struct FilterBounds: Sendable {
    let textSize: Int
    let numberSize: Int
    let exponentDigits: Int

    /// Those of clients, and of attributes.
    static let client = FilterBounds(
        textSize: FilterLimits.textSizeMax, numberSize: FilterLimits.numberSizeMax,
        exponentDigits: FilterLimits.exponentDigitsMax)
    /// Those of what we write: a number may have another point, and then another exponent.
    static let canonical = FilterBounds(
        textSize: FilterLimits.canonicalSizeMax, numberSize: 2 * FilterLimits.numberSizeMax,
        exponentDigits: FilterLimits.exponentDigitsMax + 1)
}
