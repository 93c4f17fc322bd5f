// What a filter is made of once it is read: plain values that point into its constants.

/// What a condition is about.
enum FilterSubject: Equatable, Sendable {
    case key
    case time
    /// The name, in the constants.
    case attribute(Range<Int>)
}

/// A value on the right of a condition.
enum FilterValue: Sendable {
    /// UTF-8 in the constants.
    case text(Range<Int>)
    /// Digits in the constants.
    case number(Decimal)
    /// Milliseconds since 1970.
    case time(Int64)
}

enum FilterComparison: Equatable, Sendable {
    case equal, less, lessOrEqual, greater, greaterOrEqual

    /// Whether it is true of two values in this order, which is negative, zero or positive.
    @inline(__always)
    func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }
}

/// What a condition asks.
enum FilterTest: Equatable, Sendable {
    case exists
    case prefix
    case compare(FilterComparison)
    case list
}

/// One condition, and which one is next when it is true and when it is false.
struct FilterTerm: Sendable {
    var subject: FilterSubject
    var test: FilterTest
    /// Its values, in those of the filter.
    var values: Range<Int>
    var isNegated: Bool
    var onTrue = 0
    var onFalse = 0
}

/// How conditions belong together; what was negated has been moved into the conditions.
indirect enum FilterTree: Sendable {
    case term(Int)
    case all([FilterTree])
    case any([FilterTree])

    /// The number of the first condition in it, which is the first to be asked.
    var first: Int {
        switch self {
        case .term(let index): index
        case .all(let parts), .any(let parts): parts[0].first
        }
    }
}

extension Span<UInt8> {
    /// Negative, zero or positive, as the bytes in `range` are before, the same as or behind those
    /// in `otherRange` of `other`.
    func order(_ range: Range<Int>, _ other: Span<UInt8>, _ otherRange: Range<Int>) -> Int {
        let (one, two) = (extracting(range), other.extracting(otherRange))
        var index = 0
        while index < one.count, index < two.count {
            if one[index] != two[index] { return Int(one[index]) - Int(two[index]) }
            index &+= 1
        }
        return one.count - two.count
    }

    /// Whether the bytes in `range` begin with those in `otherRange` of `other`.
    func hasPrefix(_ range: Range<Int>, _ other: Span<UInt8>, _ otherRange: Range<Int>) -> Bool {
        let (one, two) = (extracting(range), other.extracting(otherRange))
        guard one.count >= two.count else { return false }
        var index = 0
        while index < two.count {
            if one[index] != two[index] { return false }
            index &+= 1
        }
        return true
    }
}
